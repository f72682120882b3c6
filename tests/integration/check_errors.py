#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whatever goes wrong is one sentence on standard error, "casniff: ...", with the exit code that
the manual documents.

usage: check_errors.py CASNIFF
"""
import os
import resource
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

DONE, FAILED, USAGE, DAMAGED = 0, 1, 2, 3
UNKNOWN = 3
LINK_ETHERNET = 1
PCAPS = Path(__file__).resolve().parents[2] / "pcaps"
LINK_RAW_WIFI = 105


def capture(link_type=LINK_ETHERNET, packets=3):
    """A pcap file: magic, version 2.4, zone, accuracy, snaplen, link type; then, for each packet,
    seconds, microseconds, captured and original length, and 60 bytes of an ARP-sized frame."""
    header = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, link_type)
    frame = bytes(12) + b"\x08\x06" + bytes(46)
    record = struct.pack("<IIII", 1_700_000_000, 0, len(frame), len(frame)) + frame
    return header + record * packets


class Check:
    def __init__(self, casniff, folder):
        self.casniff = casniff
        self.folder = folder
        self.failures = []

    def file(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return str(path)

    def fail(self, args, why, result):
        self.failures.append(f"{' '.join(args)}: {why}\n  exit {result.returncode}, "
                             f"stderr {result.stderr!r}")

    def run(self, args, **more):
        return subprocess.run([self.casniff, *args], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=60,
                              check=False, **more)

    def expect(self, code, words, *args):
        """One sentence with all these words in it, and the exit code. Gives the report."""
        result = self.run(args)
        lines = result.stderr.decode().splitlines()
        if result.returncode != code:
            self.fail(args, f"exit {code} expected", result)
        elif len(lines) != 1 or not lines[0].startswith("casniff: ") or lines[0].endswith("."):
            self.fail(args, "one sentence without a full stop expected", result)
        elif not all(word in lines[0] for word in words):
            self.fail(args, f"{words} expected", result)
        return result.stdout.decode()

    def expect_quiet(self, *args):
        result = self.run(args)
        if result.returncode != DONE or result.stderr:
            self.fail(args, "success without a word expected", result)
        return result.stdout.decode()


def make_certificate(folder):
    """A PEM certificate; None where there is no openssl."""
    path = folder / "good.pem"
    try:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-subj",
                        "/CN=Test", "-days", "30", "-keyout", str(folder / "key.pem"), "-out",
                        str(path)], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return None
    return path.read_bytes()


def check_captures(check, good):
    check.expect_quiet("-r", good)
    check.expect(FAILED, ["missing.pcap"], "-r", str(check.folder / "missing.pcap"))
    check.expect(FAILED, ["directory"], "-r", str(check.folder))
    for name, data in {"text.pcap": b"this is no capture\n" * 20, "empty.pcap": b"",
                       "short.pcap": capture()[:10]}.items():
        check.expect(FAILED, [name], "-r", check.file(name, data))
    cut = check.file("cut.pcap", capture()[:-5])
    report = check.expect(DAMAGED, ["cut.pcap", "partial"], "-r", cut)
    if "2 packets" not in report:
        check.failures.append(f"the packets before the damage are not reported: {report!r}")
    report = check.expect(DAMAGED, ["cut.pcap"], "-r", cut, "--json")
    if '"event_type":"stats"' not in report:
        check.failures.append(f"no statistics of a damaged capture: {report!r}")
    check.expect(FAILED, ["wifi.pcap", "link type"], "-r",
                 check.file("wifi.pcap", capture(LINK_RAW_WIFI)))
    # One bad capture does not keep the others from being reported.
    report = check.expect(FAILED, ["missing.pcap"], "-r", str(check.folder / "missing.pcap"),
                          "-r", good)
    if "3 packets" not in report:
        check.failures.append(f"the second capture is not reported: {report!r}")


def check_unreadable(check, good):
    if os.geteuid() == 0:
        return  # root reads everything
    path = Path(check.file("secret.pcap", Path(good).read_bytes()))
    path.chmod(0)
    check.expect(FAILED, ["secret.pcap"], "-r", str(path))


def check_filters(check, good):
    # A name that only the network knows: nobody is asked.
    check.expect(USAGE, ["unknown host"], "-r", good, "host", "www.example.com")
    check.expect(USAGE, ["each capture needs its own -r"], "-r", good, good)
    check.expect_quiet("-r", good, "tcp", "port", "443")
    check.expect(USAGE, ["tpc"], "-r", good, "tpc", "port", "443")
    check.expect(USAGE, ["nonsense"], "-r", good, "-F", check.file("filter", b"tcp nonsense\n"))
    check.expect(FAILED, ["NUL"], "-r", good, "-F", check.file("filter", b"tcp\0 port 443\n"))
    check.expect_quiet("-r", good, "-F", check.file("filter", b"tcp # a comment\n or udp\n"))
    check.expect(FAILED, ["no-filter"], "-r", good, "-F", str(check.folder / "no-filter"))
    check.expect(USAGE, ["two filters"], "-r", good, "-F", check.file("filter", b"tcp"), "udp")


def check_stores(check, good, certificate):
    check.expect(FAILED, ["missing.pem"], "-r", good, "-t", str(check.folder / "missing.pem"))
    check.expect(FAILED, ["no.pem"], "-r", good, "-t", check.file("no.pem", b"no certificate\n"))
    check.expect(FAILED, ["none.pem"], "-r", good, "--client-cert", check.file("none.pem", b""))
    client = str(PCAPS / "founding-case-client.pem")
    check.expect(FAILED, ["founding-case-client.pem", "--client-cert"], "-r", good, "-t", client)
    check.expect(DONE, ["founding-case-store.pem", "-t"], "-r", good, "--client-cert",
                 str(PCAPS / "founding-case-store.pem"))
    if certificate is None:
        return
    bad = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    mixed = check.file("mixed.pem", certificate + bad)
    line = certificate.count(b"\n") + 1
    check.expect(DONE, ["mixed.pem", str(line)], "-r", good, "-t", mixed)
    check.expect_quiet("-r", good, "-t", mixed, "-q")
    check.expect_quiet("-r", good, "-t", check.file("good.pem", certificate))


def check_usage(check, good):
    check.expect(USAGE, ["-r", "-i"], "-r", good, "-i", "lo")
    check.expect(USAGE, ["--duration"], "-r", good, "--duration", "5")
    for time in "", "x", "m", "5w", "-1", "99999999999999999999", "4000d":
        check.expect(USAGE, ["--heartbeat", "15m"], "-r", good, f"--heartbeat={time}")
    check.expect_quiet("-r", good, "--heartbeat", "7d", "--realert", "15m")
    check.expect(USAGE, ["--snapshot-length"], "-r", good, "-s", "262145")
    check.expect(USAGE, ["--direction", "inout"], "-r", good, "-Q", "both")
    check.expect(USAGE, ["lo", "twice"], "-i", "lo", "-i", "lo")
    check.expect(USAGE, ["any", "others"], "-i", "lo", "-i", "any")
    check.expect(USAGE, ["-w", "name"], "-r", good, "-w", "-")
    check.expect(USAGE, ["--plan", "-w"], "--plan", "-t", good, "-w", "x")
    check.expect(DONE, ["--buffer-size", "-i"], "-r", good, "-B", "64")
    check.expect(DONE, ["--workers", "-i"], "-r", good, "--workers", "2")
    for number in "0", "17", "x":
        check.expect(USAGE, ["--workers"], "-i", "lo", "--workers", number)
    check.expect(USAGE, ["-c", "--workers"], "-i", "lo", "--workers", "2", "-c", "5")
    pipe = check.folder / "keys.pipe"
    os.mkfifo(pipe)
    check.expect(USAGE, ["--workers", str(pipe), "pipe"], "-i", "lo", "--workers", "2",
                 "--keylog", str(pipe))
    one = str(check.folder / "one")
    for words in (["-T", f"json:{one}", "-w", one], ["--state", one, "--metrics", one],
                  ["-T", f"csv:{good}"], ["-w", good]):
        check.expect(USAGE, ["own" if one in words[-1] else good], "-r", good, *words)
    check.expect(USAGE, ["--trsut-store", "--trust-store?"], "--trsut-store", "x", "-r", good)
    check.expect(USAGE, ["--nonsense"], "--nonsense", "-r", good)
    check.expect(USAGE, ["-j"], "-j", "-r", good)
    check.expect(USAGE, ["-r", "FILE"], "-r")
    check.expect(USAGE, ["--limit"], "-r", good, "--limit")
    check.expect(USAGE, ["--json"], "-r", good, "--json=x")
    check.expect(USAGE, ["shannel", "--list-limits"], "-r", good, "--limit", "shannel")
    check.expect(USAGE, ["schannel-16"], "-r", good, "--limit", "schannel-16")
    for limit in "0", "16777216", "-1", "", "16384x", "99999999999999999999":
        check.expect(USAGE, ["--list-limits"], "-r", good, f"--limit={limit}")
    check.expect(USAGE, ["jsno", "json"], "-r", good, "-T", "jsno")
    check.expect(USAGE, ["-T"], "-r", good, "-T", "json:")
    check.expect(USAGE, ["standard output"], "-r", good, "-T", "text", "--json")
    for percent in "0", "101", "x", "", "%", "-5":
        check.expect(USAGE, ["percentage"], "-r", good, f"--warn={percent}")
    check.expect(USAGE, ["--warn", "--crit"], "-r", good, "--warn", "96")
    check.expect_quiet("-r", good, "--warn", "50%", "--crit", "60%")
    for size in "0", "x", "", "99999999999999999999":
        check.expect(USAGE, ["--memory"], "-r", good, f"--memory={size}")
    check.expect(USAGE, ["--select", "findings"], "-r", good, "--select", "finding")
    check.expect(USAGE, ["--names", "first"], "-r", good, "--names", "frist")
    check.expect(USAGE, ["--color"], "-r", good, "--color", "sometimes")
    check.expect(USAGE, ["--checksum"], "-r", good, "--checksum", "chek")
    check.expect(USAGE, ["--plan", "-t"], "--plan")
    check.expect(USAGE, ["--plan"], "--plan", "-t", "x", "-r", good)
    check.expect(USAGE, ["--plan", "-w"], "--plan", "-t", "x", "-w", "y")


def check_writing(check, good):
    out = str(check.folder / "no-folder" / "out.json")
    check.expect(FAILED, ["no-folder"], "-r", good, "-T", f"json:{out}")
    check.expect(FAILED, [str(check.folder)], "-r", good, "-T", f"csv:{check.folder}")
    if os.path.exists("/dev/full"):
        for form in "text", "json", "csv":
            check.expect(FAILED, ["/dev/full", "space"], "-r", good, "-T", f"{form}:/dev/full")
        for args in ["-r", good], ["--help"]:
            with open("/dev/full", "wb") as full:
                result = subprocess.run([check.casniff, *args], stdout=full,
                                        stderr=subprocess.PIPE, check=False)
            if result.returncode != FAILED or b"standard output" not in result.stderr:
                check.fail([*args, "> /dev/full"], "a failure expected", result)
    link = check.folder / "link.json"
    link.symlink_to(check.folder / "elsewhere.json")
    check.expect(FAILED, ["link.json", "symbolic link"], "-r", good, "-T", f"json:{link}")
    for path in "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1":
        if '"stats"' not in check.expect_quiet("-r", good, "-T", f"json:{path}"):
            check.failures.append(f"nothing goes to {path}")
    check_evidence(check, good)
    text, events = str(check.folder / "r.txt"), str(check.folder / "r.json")
    if check.expect_quiet("-r", good, "-T", f"text:{text}", "-T", f"json:{events}"):
        check.failures.append("both reports have files, but something is on standard output")
    if not Path(text).stat().st_size or not Path(events).stat().st_size:
        check.failures.append("a report's file is empty")


def check_evidence(check, good):
    pipe, link, saved = (check.folder / name for name in ("pipe", "link.pcap", "saved.pcap"))
    os.mkfifo(pipe)
    check.expect(FAILED, ["pipe", "nobody reads"], "-r", good, "-w", str(pipe))
    link.symlink_to(saved)
    check.expect(FAILED, ["link.pcap", "symbolic link"], "-r", good, "-w", str(link))
    saved.write_bytes(b"kept")
    check.expect(FAILED, ["no-folder"], "-r", good, "-w", str(saved), "--state",
                 str(check.folder / "no-folder" / "state"))
    if saved.read_bytes() != b"kept":
        check.failures.append("a run that did not begin has emptied -w's file")
    metrics = check.folder / "out.prom"
    stay = ["-Z", "root"] if os.geteuid() == 0 else []  # the folder is shut to others
    check.expect_quiet("-r", str(PCAPS / "founding-case.pcap"), "-w", str(saved), "-q",
                       "--metrics", str(metrics), *stay)
    if f'casniff_events_written_total{{output="{saved}"}} 1\n' not in metrics.read_text():
        check.failures.append("-w is no output in the metrics")
    check.expect_quiet("-r", good, "-w", str(saved), "-q")
    if saved.stat().st_size != 24:
        check.failures.append("-w's file is not made anew offline")


def check_gone_reader(check, good):
    """`casniff ... | true`: the pipe has no reader from the start."""
    for args in (["-r", good], ["-r", good, "--json"], ["-r", good, "--json", "-l"], ["--help"],
                 ["--list-limits"]):
        read_end, write_end = os.pipe()
        os.close(read_end)
        result = subprocess.run([check.casniff, *args], stdout=write_end, stderr=subprocess.PIPE,
                                check=False)
        os.close(write_end)
        if result.returncode != DONE or result.stderr:
            check.fail([*args, "| true"], "success without a word expected", result)


def check_answers(check):
    for option, word in {"--help": "usage:", "-h": "usage:", "--version": "casniff ",
                         "-V": "libpcap", "--list-limits": "schannel-16k"}.items():
        if word not in check.expect_quiet(option):
            check.failures.append(f"{option} does not tell {word}")
    if len(check.expect_quiet("--help").splitlines()) > 90:
        check.failures.append("--help is longer than an option a line and its frame")


def check_plugin(check, good):
    """Whatever is wrong: one line on standard output, and a code that is UNKNOWN."""
    for args in (["--bogus"], ["-r", good, "-i", "lo"], ["-r", good, "-F", "no/filter"],
                 ["--config", "no/config"], ["-r", "no.pcap"], ["--state", "no/state"]):
        result = check.run(["--check", *args])
        lines = result.stdout.decode().splitlines()
        if result.returncode != UNKNOWN or len(lines) != 1 or "UNKNOWN" not in lines[0]:
            check.fail(["--check", *args], f"UNKNOWN expected, not {lines}", result)
    if os.path.exists("/dev/full"):
        with open("/dev/full", "wb") as full:
            result = subprocess.run([check.casniff, "--check", "-r",
                                     str(PCAPS / "few-cas.pcap")], stdout=full, check=False)
        if result.returncode != UNKNOWN:
            check.failures.append(f"--check > /dev/full: exit {result.returncode}")
    cut = ["-r", str(PCAPS / "founding-case.pcap"), "-t", str(PCAPS / "founding-case-store.pem")]
    result = check.run(["--check", *cut, "-T", "json:/dev/full"])
    if result.returncode != 2 or b"CRITICAL" not in result.stdout:
        check.fail(["--check", *cut], "a finding stays one although a report fails", result)


def check_count(check):
    """-c: of all captures together."""
    few = str(PCAPS / "few-cas.pcap")
    for count, wanted in (3, 3), (20, 20), (1000, 36):
        report = check.expect_quiet("-r", few, "-r", few, "-c", str(count), "--json")
        if f'"frames":{wanted},' not in report:
            check.failures.append(f"-c {count} does not read {wanted} packets")


def check_fifo(check, good):
    """A capture that comes through a pipe with a name, of which each byte can be read once."""
    fifo = check.folder / "fifo"
    os.mkfifo(fifo)
    with subprocess.Popen(["sh", "-c", f'cat "{good}" > "{fifo}"']):
        if "3 packets" not in check.expect_quiet("-r", str(fifo)):
            check.failures.append("a capture from a FIFO is not read whole")


def check_closed_streams(check, good):
    """No standard stream may become something else."""
    for closed in range(1, 8):
        script = "".join(f" {fd}>&-" for fd in range(3) if closed >> fd & 1)
        result = subprocess.run(["sh", "-c", f'exec "$0" -r "$1"{script}', check.casniff, good],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        wanted = FAILED if closed & 2 else DONE
        if result.returncode != wanted:
            check.fail(["-r", good, script], f"exit {wanted} expected", result)


def check_no_escapes(check, good):
    """No terminal, no colour; asked for, colour."""
    if "\x1b" in check.expect_quiet("-r", good) + check.expect_quiet("--help"):
        check.failures.append("escape sequences in a pipe")


def main():
    # A crash is a failure with a core file that nobody needs.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        check = Check(sys.argv[1], folder)
        certificate = make_certificate(folder)
        good = check.file("good.pcap", capture())
        check_captures(check, good)
        check_unreadable(check, good)
        check_filters(check, good)
        check_stores(check, good, certificate)
        check_usage(check, good)
        check_writing(check, good)
        check_gone_reader(check, good)
        check_answers(check)
        check_no_escapes(check, good)
        check_plugin(check, good)
        check_count(check)
        check_closed_streams(check, good)
        check_fifo(check, good)
    print("\n".join(check.failures) or "every error is a sentence")
    return 1 if check.failures else 0


if __name__ == "__main__":
    sys.exit(main())
