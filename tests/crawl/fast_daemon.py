"""The scheduler with a clock that runs SPEED times as fast: python fast_daemon.py OUTPUT SEEDS SPEED BEGIN NAME=VALUE …

BEGIN: seconds since 1970 at which the clock agrees with the machine's, so that one started again goes on.
"""

import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from crawler.scheduling.daemon import Scheduler
from crawler.scheduling.jobs import Launcher, scheduler_lock
from crawler.scheduling.planning import Planner, scheduled_sites
from crawler.scheduling.timetable import Timetable
from crawler.sites.profile import read_profiles
from crawler.state.store import Store


class FastClock:
    """Agrees with the machine's at `begin`."""

    def __init__(self, speed, begin):
        self.speed = speed
        self.begin = begin

    def now(self):
        return datetime.fromtimestamp(self.begin + (time.time() - self.begin) * self.speed, UTC)

    def sleep(self, seconds):
        time.sleep(seconds / 10)


def main():
    output, seeds, speed, begin, *settings = sys.argv[1:]
    profiles, _ = read_profiles(Path(seeds))
    planner = Planner(scheduled_sites(profiles))
    launcher = Launcher(Path(output), [f"OUTPUT_DIR={output}", f"SEEDS_DIR={seeds}", *settings])
    with scheduler_lock(Path(output)), Store(Path(output)) as store:
        scheduler = Scheduler(Timetable(store, planner), launcher, FastClock(float(speed), float(begin)), n_jobs=2)
        signal.signal(signal.SIGTERM, lambda *_: scheduler.stop())
        scheduler.begin()
        scheduler.run()


main()
