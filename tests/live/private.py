# SPDX-License-Identifier: GPL-2.0-or-later
"""A place of its own for a live test, of which nothing can stay behind.

The test runs as the first process of a process namespace, with mounts that nobody else sees:
when it ends, however it ends, all of its programs end with it, and so do its network namespaces,
its file systems and its /dev/log.
"""
import ctypes
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

SKIPPED = 77
CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET = 0x00020000, 0x20000000, 0x40000000
PR_SET_PDEATHSIG = 1
DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9)}
LIBC = ctypes.CDLL(None, use_errno=True)


def run(main):
    """Exit status of main(folder) in its own place; folder is removed afterwards."""
    if os.geteuid() != 0:
        print("skipped: network namespaces take root")
        return SKIPPED
    folder = Path(tempfile.mkdtemp(prefix="casniff-live-"))
    try:
        return _in_child(main, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _in_child(main, folder):
    if LIBC.unshare(CLONE_NEWNS | CLONE_NEWPID) != 0:
        print(f"skipped: no namespaces here: {os.strerror(ctypes.get_errno())}")
        return SKIPPED
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os._exit(_be_first(main, folder))
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: os.kill(child, signal.SIGKILL))
    return abs(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _be_first(main, folder):
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        why_not = _mount_all(folder)
        if why_not:
            print(f"skipped: no file systems of its own here: {why_not}")
        status = SKIPPED if why_not else main(folder)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:  # whatever it is, it must not run on in the parent's code
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return status


def _mount_all(folder):
    """Why it does not work, in a container for example, or None."""
    folder.chmod(0o755)  # programs that gave up root find their way into it
    try:
        mount("--make-rprivate", "/")
        mount("-t", "proc", "proc", "/proc")
        mount("-t", "tmpfs", "tmpfs", "/run")
        Path("/run/netns").mkdir()
        _make_devices(folder)
    except (OSError, subprocess.CalledProcessError) as error:
        return error
    return None


def _make_devices(folder):
    """A /dev in which /dev/log leads into the folder, where the machine's may have none."""
    devices = folder / "dev"
    devices.mkdir()
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", str(devices))
    for name, number in DEVICES.items():
        os.mknod(devices / name, stat.S_IFCHR | 0o666, os.makedev(*number))
        (devices / name).chmod(0o666)
    (devices / "fd").symlink_to("/proc/self/fd")
    (devices / "stdin").symlink_to("/proc/self/fd/0")
    (devices / "stdout").symlink_to("/proc/self/fd/1")
    (devices / "stderr").symlink_to("/proc/self/fd/2")
    (devices / "log").symlink_to(folder / "log")
    (devices / "net").mkdir()
    mount("--move", str(devices), "/dev")


def mount(*words):
    subprocess.run(["mount", *words], check=True)


def enter_network(name):
    """This thread goes to the network namespace of that name, or to that of an open file."""
    file = os.open(f"/run/netns/{name}", os.O_RDONLY) if isinstance(name, str) else name
    result = LIBC.setns(file, CLONE_NEWNET)
    if isinstance(name, str):
        os.close(file)
    if result != 0:
        raise OSError(ctypes.get_errno(), f"setns {name}")
