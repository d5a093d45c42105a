"""What people and monitors are told: alerts to a real receiver, OpenMetrics, history as Parquet, the command."""

import json
import re
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest

from crawler.corpus.manifest import write_manifest
from crawler.errors import OptionError
from crawler.health import diagnose
from crawler.health.alerts import Told, is_news, message, read_told, send, tell_changes
from crawler.health.diagnosis import died
from crawler.health.history import latest_verdicts, write_history
from crawler.health.metrics import openmetrics
from crawler.inspection.other_views import runs
from crawler.scheduling.metrics_server import metrics_server

# a library that apprise loads for mail still imports it
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
WALLED = {"traffic": {"statuses": {"403": 30}}, "counts": {"kept": 0}}
HOSTILE = 'bao"\n\\'


@pytest.fixture
def receiver():
    """Whoever gets alerts, on loopback."""
    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port, received
    server.shutdown()
    thread.join()
    server.server_close()


def test_alerts_arrive_with_cause_evidence_and_advice(receiver, a_run):
    port, received = receiver
    send([f"json://127.0.0.1:{port}/"], diagnose(a_run(9, **WALLED), [a_run(8)]))
    (alert,) = received
    assert alert["title"] == "bao: broken (wall)"
    assert "100% of the requests: turned away" in alert["message"]
    assert "next: slow down" in alert["message"]


def test_only_a_change_is_news(a_run):
    well, walled = diagnose(a_run(1), []), diagnose(a_run(2, **WALLED), [])
    cases = [(well, None), (walled, None), (walled, well), (walled, walled), (well, walled), (well, well)]
    found = [is_news(now, told and Told(told.level, told.causes)) for now, told in cases]
    assert found == [
        False,
        True,
        True,
        False,
        True,
        False,
    ]
    assert message(well)[0] == "bao: ok (well again)"


@pytest.mark.parametrize("address", ["nosuch://x", "json://127.0.0.1:9/"])
def test_an_alert_that_cannot_be_delivered_is_an_error_without_its_secrets(address, a_run):
    with pytest.raises(OptionError) as caught:
        send([address], diagnose(a_run(1, **WALLED), []))
    assert "127.0.0.1" not in str(caught.value)


def test_a_change_is_told_once_and_what_was_not_delivered_again(receiver, tmp_path, a_run):
    port, received = receiver
    address, walled, well = [f"json://127.0.0.1:{port}/"], diagnose(a_run(2, **WALLED), []), diagnose(a_run(3), [])
    tell_changes(tmp_path, address, well)
    assert received == []
    with pytest.raises(OptionError, match="not be delivered"):
        tell_changes(tmp_path, ["json://127.0.0.1:9/"], walled)
    assert read_told(tmp_path) == {}
    for verdict in (walled, walled, died("bao", "bao-4", walled.at, "killed"), well, well):
        tell_changes(tmp_path, address, verdict)
    titles = ["bao: broken (wall)", "bao: broken (crawl_died)", "bao: ok (well again)"]
    assert [alert["title"] for alert in received] == titles
    (tmp_path / "alerts.json").write_text("[", encoding="utf-8")
    assert read_told(tmp_path) == {}


@pytest.fixture
def output(tmp_path, a_run):
    for run in [*(a_run(n) for n in range(4)), a_run(4, **WALLED), a_run(1, site="archive", origin="a.warc.gz")]:
        write_manifest(tmp_path, run)
    write_manifest(tmp_path, a_run(2, site=HOSTILE, run_id="odd-1"))
    return tmp_path


def test_history_is_parquet_that_all_can_read(output):
    path = write_history(output)
    frame = pd.read_parquet(path)
    assert len(frame) == 7
    walled = frame[frame["level"] == "broken"].iloc[0]
    assert list(walled["causes"]) == ["wall"]
    assert frame[frame["site"] == "archive"]["level"].isna().all()
    shown = {row["run_id"]: (row["level"], row["causes"]) for row in runs(output).to_pylist()}
    assert shown == {row["run_id"]: (row["level"], row["causes"]) for row in pq.read_table(path).to_pylist()}
    assert duckdb.read_parquet(str(path)).sum("kept").fetchall() == [(frame["kept"].sum(),)]


def test_metrics_are_openmetrics(output):
    lines = openmetrics(output).splitlines()
    assert lines[-1] == "# EOF"
    assert 'news_corpus_health{site="bao"} 2' in lines
    assert 'news_corpus_trouble{site="bao",cause="wall"} 1' in lines
    assert 'news_corpus_pages_total{site="bao",outcome="kept"} 32' in lines
    sample = re.compile(r'[a-z_]+\{(?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)+\} -?[0-9.]+')
    assert all(line.startswith("# ") or sample.fullmatch(line) for line in lines)
    types = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(types) == len(set(types))


def test_a_parser_of_those_who_monitor_reads_the_metrics(output):
    parser = pytest.importorskip("prometheus_client.openmetrics.parser")
    families = {family.name: family for family in parser.text_string_to_metric_families(openmetrics(output))}
    assert {family.type for family in families.values()} == {"gauge", "counter"}
    health = {sample.labels["site"]: sample.value for sample in families["news_corpus_health"].samples}
    assert health == {"bao": 2, HOSTILE: 0}
    assert families["news_corpus_run_duration_seconds"].unit == "seconds"


def test_metrics_are_served_on_this_machine_only(output):
    with metrics_server("0", output) as port:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
            assert answer.read().decode() == openmetrics(output)
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/etc/passwd")
    with pytest.raises(OptionError, match="HOST:PORT"), metrics_server("here", output):
        pass


def test_only_the_sites_asked_for_are_judged(output):
    assert [verdict.site for verdict in latest_verdicts(output, ["bao"])] == ["bao"]
    assert {verdict.site for verdict in latest_verdicts(output)} == {"bao", HOSTILE}
