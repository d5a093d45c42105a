"""Units for other schedulers, checked by those schedulers' own tools where they are there."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from crawler.scheduling.units import Place, cron_job, crontab_line, systemd_units

PLACES = [
    Place(Path("/srv/corpus"), Path("/srv/corpus/.venv/bin/python"), Path("/srv/corpus/output")),
    Place(Path("/srv/my news"), Path("/usr/bin/python3"), Path("/srv/my news/out 100%"), ("OUTPUT_DIR=/srv/out 100%",)),
]


@pytest.mark.parametrize("place", PLACES, ids=["plain", "odd"])
def test_systemd_takes_the_units(place, tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze here")
    for name, text in systemd_units(place).items():
        # the program must exist for the check, the rest stays as written
        here = text.replace("/srv/corpus/.venv/bin/python", "/bin/true").replace("/usr/bin/python3", "/bin/true")
        (tmp_path / name).write_text(here, encoding="utf-8")
    units = [str(path) for path in tmp_path.iterdir()]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stderr.splitlines() if "news-corpus" in line]
    assert (done.returncode, ours) == (0, [])


def test_odd_paths_are_escaped_for_each():
    units = systemd_units(PLACES[1])["news-corpus.service"]
    assert '"OUTPUT_DIR=/srv/out 100%%"' in units
    assert "ReadWritePaths=/srv/my\\x20news/out\\x20100%%" in units
    line = crontab_line(PLACES[1])
    assert line.startswith("*/5 * * * * cd '/srv/my news' && /usr/bin/python3 -m scrapy schedule run --once")
    assert "'OUTPUT_DIR=/srv/out 100\\%'" in line
    assert line.count("\n") == 1


def test_the_cron_job_is_what_kubernetes_expects():
    job = yaml.safe_load(cron_job(PLACES[1], "registry.example/news:1"))
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "CronJob")
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["restartPolicy"] == "Never"
    (container,) = pod["containers"]
    assert container["image"] == "registry.example/news:1"
    assert container["command"][:6] == ["python", "-m", "scrapy", "schedule", "run", "--once"]
    assert container["command"][-1] == "OUTPUT_DIR=/srv/out 100%"
    mounts = {mount["name"] for mount in container["volumeMounts"]}
    assert mounts == {volume["name"] for volume in pod["volumes"]}


@pytest.mark.parametrize("place", PLACES, ids=["plain", "odd"])
@pytest.mark.parametrize("version", ["1.27", "1.37"])
def test_the_cron_job_fits_the_schema_of_kubernetes(place, version):
    schemas = pytest.importorskip("kubernetes_validate")
    job = yaml.safe_load(cron_job(place, "registry.example/news:1"))
    schemas.validate(job, version, strict=True)
    job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["comand"] = []
    with pytest.raises(schemas.ValidationError):
        schemas.validate(job, version, strict=True)
