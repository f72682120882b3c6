# SPDX-License-Identifier: GPL-2.0-or-later
"""casniff on b's interface, and what it tells."""
import json
import pwd
import re
import signal

from program import PATIENCE_S, Program, lines_of

# The last words on standard error, and after SIGUSR1.
STATISTICS = {
    "captured": r"^(\d+) packets? captured$",
    "received": r"^(\d+) packets? received by filter$",
    "dropped": r"^(\d+) packets? dropped by kernel$",
    "dropped_interface": r"^(\d+) packets? dropped by interface$",
    "handshakes": r"^(\d+) handshakes?, ",
    "alerts": r", (\d+) alerts?$",
}


def service_user():
    """Whom casniff becomes without -Z."""
    try:
        return pwd.getpwnam("casniff")
    except KeyError:
        return pwd.getpwnam("nobody")


class Sniffer(Program):
    """It is confined and listens when the constructor returns, unless awaited is False: where
    it must not start, or says so elsewhere. before: what starts it."""

    def __init__(self, folder, casniff, words, before=(), awaited=True, **more):
        super().__init__(folder, [*before, casniff, *words], "b", **more)
        if awaited:
            self.until(lambda: "listening on" in self.told(), "it listens")

    def end(self, seconds=PATIENCE_S):
        """Stopped as a service manager does, well: the statistics."""
        code, _ = self.stop(signal.SIGTERM, seconds)
        if code != 0:
            raise AssertionError(f"casniff ended with {code}: {self.told().strip()}")
        return self.statistics()

    def statistics(self):
        """The last ones told; a name that is missing was not told."""
        found = {}
        for name, pattern in STATISTICS.items():
            told = re.findall(pattern, self.told(), re.MULTILINE)
            if told:
                found[name] = int(told[-1])
        return found

    def times_told(self):
        return len(re.findall(STATISTICS["received"], self.told(), re.MULTILINE))


def events_in(path, event_type=None):
    """The events of the file's whole lines."""
    found = [json.loads(line) for line in lines_of(path)]
    return [event for event in found if event_type in (None, event["event_type"])]


def count_in(path, event_type):
    """How many events of this type, without reading them."""
    mark = f'"event_type":"{event_type}"'.encode()
    return sum(mark in line for line in lines_of(path))
