"""What other schedulers need to call this one: systemd units, a crontab line, a Kubernetes CronJob.

All of them do the same every few minutes: `scrapy schedule run --once`, which crawls what is due and ends. The
timetable in the state file makes that safe: a due time is claimed once, whoever asks and however often.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NAME = "news-corpus"
EVERY_MINUTES = 5
_SYSTEMD_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "%": "%%", "$": "$$"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where the project lies and what runs it."""

    project: Path
    """The folder of scrapy.cfg."""
    python: Path
    output: Path
    settings: tuple[str, ...] = ()
    """NAME=VALUE, given with -s."""

    @property
    def command(self) -> list[str]:
        """The command that does what is due."""
        options = [part for setting in self.settings for part in ("-s", setting)]
        return [str(self.python), "-m", "scrapy", "schedule", "run", "--once", *options]


def systemd_units(place: Place) -> dict[str, str]:
    """A oneshot service and its timer, by file name."""
    command = " ".join(_systemd_word(word) for word in place.command)
    service = f"""\
[Unit]
Description=Crawl the news sites that are due
Documentation=file:{_systemd_path(place.project)}/docs/scheduling.md
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
WorkingDirectory={_systemd_path(place.project)}
ExecStart={command}
# crawls commit what they have and end within seconds; the scheduler waits for them
KillMode=mixed
TimeoutStopSec=60
Nice=10
NoNewPrivileges=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectHome=read-only
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
LockPersonality=yes
ReadWritePaths={_systemd_path(place.output)}
"""
    timer = f"""\
[Unit]
Description=Look every {EVERY_MINUTES} minutes which news sites are due

[Timer]
OnCalendar=*:0/{EVERY_MINUTES}
RandomizedDelaySec=30
Persistent=true

[Install]
WantedBy=timers.target
"""
    return {f"{NAME}.service": service, f"{NAME}.timer": timer}


def crontab_line(place: Place) -> str:
    """One line for `crontab -e`."""
    command = f"cd {shlex.quote(str(place.project))} && {shlex.join(place.command)}"
    log = shlex.quote(str(place.output / "logs" / "schedule.log"))
    return f"*/{EVERY_MINUTES} * * * * {command} >>{log} 2>&1".replace("%", "\\%") + "\n"


def cron_job(place: Place, image: str) -> str:
    """A Kubernetes CronJob as YAML; `output` must be a volume of the name `news-corpus-output`."""
    words = "".join(f"\n                - {_yaml_word(word)}" for word in ("python", *place.command[1:]))
    return f"""\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: {NAME}
spec:
  schedule: "*/{EVERY_MINUTES} * * * *"
  timeZone: Asia/Ho_Chi_Minh
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 200
  successfulJobsHistoryLimit: 3
  failedJobsHistoryLimit: 3
  jobTemplate:
    spec:
      backoffLimit: 0
      template:
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: 60
          securityContext:
            runAsNonRoot: true
            runAsUser: 10001
            fsGroup: 10001
          containers:
            - name: {NAME}
              image: {_yaml_word(image)}
              command:{words}
              securityContext:
                allowPrivilegeEscalation: false
                capabilities:
                  drop: ["ALL"]
              resources:
                requests:
                  cpu: 500m
                  memory: 1Gi
                limits:
                  memory: 3Gi
              volumeMounts:
                - name: output
                  mountPath: {_yaml_word(str(place.output))}
          volumes:
            - name: output
              persistentVolumeClaim:
                claimName: {NAME}-output
"""


def _systemd_word(word: str) -> str:
    escaped = word.translate(_SYSTEMD_ESCAPES)
    return f'"{escaped}"' if any(c.isspace() or c in "'\";" for c in word) else escaped


def _systemd_path(path: Path) -> str:
    return str(path).replace("%", "%%").replace(" ", "\\x20")


def _yaml_word(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
