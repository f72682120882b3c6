#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What makes casniff a service: the units are confined, and each file is taken by its reader.

usage: check_service.py CASNIFF SERVICE_FOLDER UNIT...
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

STORE = Path(__file__).resolve().parents[2] / "pcaps" / "founding-case-store.pem"
EXPOSURE_MAX = 1.6

# Names of metrics, as the Prometheus file has them.
METRICS = {"casniff_ca_list_bytes", "casniff_ca_list_limit_bytes", "casniff_capture_up",
           "casniff_packets_dropped_total", "casniff_packets_received_total"}


def run(*command, **more):
    return subprocess.run(command, check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env={**os.environ, "LC_ALL": "C"}, **more)


def check_unit(unit):
    text = unit.read_text()
    for line in ("User=casniff", "AmbientCapabilities=CAP_NET_RAW", "Type=notify",
                 "RestartPreventExitStatus=2 4", "Restart=on-failure"):
        if line not in text.splitlines():
            yield f"{unit.name} lacks {line}"
    if "@" in re.sub(r"^#.*|@(system-service|privileged|resources)", "", text, flags=re.M):
        yield f"{unit.name} is not filled in"
    if not shutil.which("systemd-analyze"):
        return
    result = run("systemd-analyze", "security", "--offline=true", "--no-pager", str(unit))
    said = result.stdout.decode()
    exposure = re.search(r"Overall exposure level for .*: ([0-9.]+)", said)
    if exposure is None:
        print(f"systemd-analyze cannot look at a file: {said[:200]}")
    elif float(exposure.group(1)) > EXPOSURE_MAX:
        yield f"{unit.name}: exposure {exposure.group(1)}, at most {EXPOSURE_MAX} is wanted"
    else:
        print(f"{unit.name}: exposure {exposure.group(1)}")


def check_config(casniff, config, folder):
    """As it is shipped, and with each of its examples; only the folders are others."""
    text = re.sub(r"/(var/log|var/lib|run)/casniff", str(folder), config.read_text())
    text = text.replace("/etc/ssl/certs/ca-certificates.crt", str(STORE))
    shipped = folder / "shipped.conf"
    shipped.write_text(text)
    all_of_it = folder / "all.conf"
    all_of_it.write_text(re.sub(r"^# ?(?=[a-z-]+ = )", "", text, flags=re.M))
    if all_of_it.read_text().count("\n#") == text.count("\n#"):
        yield "no examples were found in casniff.conf"
    for path in (shipped, all_of_it):
        result = run(casniff, "--config", str(path), "--test-config")
        if result.stdout != b"the configuration is good\n" or result.returncode != 0:
            yield f"{path.name}: {result.stdout.decode()}"


def check_logrotate(snippet, folder):
    if not shutil.which("logrotate"):
        return
    mine = folder / "logrotate"
    mine.write_text(re.sub(r"^ *su casniff casniff\n", "", snippet.read_text(), flags=re.M)
                    .replace("/var/log/casniff", str(folder)))
    mine.chmod(0o644)
    (folder / "events.jsonl").write_text("{}\n")
    result = run("logrotate", "--debug", "--state", str(folder / "state"), str(mine))
    said = result.stdout.decode()
    if result.returncode != 0 or re.search(r"^error", said, re.M) or "events.jsonl" not in said:
        yield f"logrotate: {said}"
    text = snippet.read_text()
    if "copytruncate\n" in text or "delaycompress" not in text or "--signal=HUP" not in text:
        yield "logrotate: lines would be lost"


def check_rules(rules):
    text = rules.read_text()
    for name in sorted(set(re.findall(r"\bcasniff_\w+", text)) - METRICS):
        yield f"{rules.name}: {name} is no metric"
    try:
        import yaml
        groups = yaml.safe_load(text)["groups"]
        for rule in groups[0]["rules"]:
            if not {"alert", "expr", "for", "labels", "annotations"} <= set(rule):
                yield f"{rules.name}: {rule} is no whole rule"
    except ImportError:
        pass
    if shutil.which("promtool"):
        result = run("promtool", "check", "rules", str(rules))
        if result.returncode != 0:
            yield result.stdout.decode()


def check_snippets(folder):
    users = (folder / "casniff.sysusers").read_text()
    if not re.search(r"^u casniff - ", users, re.M):
        yield "sysusers makes no user casniff"
    made = re.findall(r"^d (\S+) +(\d+) casniff casniff -$",
                      (folder / "casniff.tmpfiles").read_text(), re.M)
    wanted = [("/var/log/casniff", "0750"), ("/var/lib/casniff", "0750"),
              ("/run/casniff", "0755")]
    if made != wanted:
        yield f"tmpfiles makes {made}, not {wanted} as the units do"


def main():
    casniff, service = str(Path(sys.argv[1]).resolve()), Path(sys.argv[2])
    found = []
    for unit in sys.argv[3:]:
        found += check_unit(Path(unit).resolve())
    with tempfile.TemporaryDirectory() as folder:
        found += check_config(casniff, service / "casniff.conf", Path(folder))
        found += check_logrotate(service / "casniff.logrotate", Path(folder))
    found += check_rules(service / "casniff-alerts.yml")
    found += check_snippets(service)
    print("\n".join(found) or "the service's files are good")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
