"""`scrapy crawl -s OUTPUT=s3://…` against a real S3-compatible storage: equal rows, kills, faults, readers."""

import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pyarrow.fs
import pytest
from workshop import ROOT, Workshop

sys.path.insert(0, str(ROOT / "tests" / "backfill"))

import ccnews
from test_gathering import PROFILES, gather

from crawler.corpus.checks import check_corpus
from crawler.errors import ArchiveError
from crawler.publishing.checking import check_published
from crawler.publishing.log import CommitLog
from crawler.storage.objects import Objects

SITE = "baobaclieu"
FACTS = ["id", "url", "title", "lede", "text", "published_at", "authors", "section", "content_hash"]
N_KILLS = int(os.environ.get("CRAWL_KILLS", "1"))


class Bucket:
    """The storage, and the door before it."""

    def __init__(self, ports):
        self.rules, self.door, self.storage = Path(ports["folder"], "rules.json"), ports["door"], ports["storage"]

    def make(self, name):
        connection = http.client.HTTPConnection("127.0.0.1", self.storage)
        connection.request("PUT", f"/{name}")
        assert connection.getresponse().status == 200
        connection.close()
        return f"s3://{name}/corpora/news"

    def put(self, name, key, data, scheme):
        """Store an object that anybody may read; returns its address."""
        connection = http.client.HTTPConnection("127.0.0.1", self.storage)
        for path, body in ((f"/{name}", b""), (f"/{name}/{key}", data)):
            connection.request("PUT", path, body, {"x-amz-acl": "public-read"})
            assert connection.getresponse().read() is not None
        connection.close()
        return f"s3://{name}/{key}" if scheme == "s3" else f"http://127.0.0.1:{self.storage}/{name}/{key}"

    def fail(self, method, status, times):
        self.rules.write_text(json.dumps({"method": method, "status": status, "times": times}), encoding="utf-8")

    def mend(self):
        done = json.loads(self.rules.read_text(encoding="utf-8")).get("done", 0)
        self.rules.unlink()
        return done


@pytest.fixture(scope="module")
def bucket():
    command = [sys.executable, ROOT / "tests" / "crawl" / "bucket.py"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, cwd=ROOT, **pipes) as server:
        yield Bucket(json.loads(server.stdout.readline()))
        server.stdin.close()
        server.wait()


@pytest.fixture(autouse=True)
def credentials(monkeypatch, bucket):
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{bucket.door}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tests")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tests")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, newspapers):
    workshop = Workshop(tmp_path_factory.mktemp("undisturbed"), newspapers.ports[SITE])
    workshop.scrapy("crawl", SITE)
    return rows(workshop.output / "articles")


def rows(source, **options):
    found = pd.read_parquet(source, columns=FACTS, **options).sort_values("id", ignore_index=True)
    return json.loads(found.to_json(orient="records", date_format="iso"))


def published_rows(url, workshop):
    """The articles as any reader of the published files sees them."""
    files = workshop.scrapy("inspect", "--files", OUTPUT=url).stdout.split()
    return rows([name.removeprefix("s3://") for name in files], filesystem=file_system()), files


def file_system():
    endpoint = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
    return pyarrow.fs.S3FileSystem(endpoint_override=endpoint, scheme="http", region="us-east-1")


@pytest.mark.slow
def test_a_crawl_to_object_storage_gives_the_rows_of_a_local_one_through_faults(bucket, workshop, undisturbed):
    url = bucket.make("faults")
    bucket.fail("PUT", 503, 3)
    workshop.scrapy("crawl", SITE, OUTPUT=url)
    assert bucket.mend() == 3  # each was asked for again
    found, files = published_rows(url, workshop)
    assert found == undisturbed
    assert list(check_published(Objects(url), is_thorough=True)) == []
    assert workshop.scrapy("verify", "--thorough", OUTPUT=url).stdout.endswith("agree\n")
    assert_other_programs_read(files, len(undisturbed))
    assert_another_machine_reads(url, workshop, len(undisturbed))


def assert_other_programs_read(files, n_rows):
    """The lines of docs/storage.md."""
    paths = [name.removeprefix("s3://") for name in files]
    assert ds.dataset(paths, filesystem=file_system()).count_rows() == n_rows
    options = {
        "aws_endpoint_url": os.environ["AWS_ENDPOINT_URL"],
        "aws_allow_http": "true",
        "aws_access_key_id": "tests",
        "aws_secret_access_key": "tests",
        "aws_region": "us-east-1",
    }
    assert pl.read_parquet(files, storage_options=options).height == n_rows
    articles = ds.dataset(paths, filesystem=file_system())
    assert duckdb.from_arrow(articles).count("*").fetchall() == [(n_rows,)]


def assert_another_machine_reads(url, workshop, n_rows):
    shutil.rmtree(workshop.output)
    told = workshop.scrapy("inspect", "--sql", "SELECT count(*) AS n FROM articles", "--json", OUTPUT=url).stdout
    assert json.loads(told) == [{"n": n_rows}]
    assert CommitLog(Objects(url)).refresh().claims[SITE].is_over


@pytest.mark.slow
def test_faults_and_kills_end_a_crawl_and_lose_and_double_nothing(bucket, workshop, undisturbed):
    url = bucket.make("kills")
    seed = int(os.environ.get("CRAWL_SEED", str(time.time_ns() % 1_000_000)))
    print(f"repeat with CRAWL_SEED={seed}")  # noqa: T201 - shown when it fails
    moments = random.Random(seed)  # noqa: S311 - moments, no secrets
    for kill in range(N_KILLS):
        crawl_while_storage_fails(bucket, workshop, url, status=(500, 0)[moments.randrange(2)])
        crawl_and_kill(workshop, url, moments.uniform(1.0, 4.0))
        if kill % 2 == 0:  # the machine is lost with its disk
            shutil.rmtree(workshop.output, ignore_errors=True)
    workshop.scrapy("crawl", SITE, OUTPUT=url)
    assert sorted(row["text"] for row in published_rows(url, workshop)[0]) == sorted(row["text"] for row in undisturbed)
    assert list(check_published(Objects(url), is_thorough=True)) == []
    assert check_corpus(workshop.output, is_thorough=True) == []


def crawl_while_storage_fails(bucket, workshop, url, *, status):
    bucket.fail("PUT", status, 1_000)
    failed = workshop.scrapy("crawl", SITE, OUTPUT=url, STORAGE_RETRY_SECONDS=0.5, check=False)
    bucket.mend()
    assert failed.returncode == 1
    assert len(failed.stderr.strip().splitlines()) == 1, failed.stderr
    assert "does not answer" in failed.stderr


def crawl_and_kill(workshop, url, seconds):
    process = workshop.start("crawl", SITE, OUTPUT=url)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.parametrize("scheme", ["s3", "http"])
def test_files_of_common_crawl_are_read_where_they_lie_and_known_by_their_etag(bucket, tmp_path, scheme):
    pages = ccnews.demo_pages("baobaclieu.vn")
    data = b"".join(map(ccnews.capture, pages))
    place = bucket.put(f"commoncrawl-{scheme}", f"CC-NEWS/2026/11/{ccnews.NAME}", data, scheme)
    again = {"profiles": {SITE: PROFILES[SITE]}, "hosts": [f"127.0.0.1:{bucket.storage}"]}
    first, second = (gather(tmp_path / "output", place, run_id=run, **again)[0][0][SITE].counts for run in "ab")
    assert first == second
    assert first["taken"] > 10
    bucket.put(f"commoncrawl-{scheme}", f"CC-NEWS/2026/11/{ccnews.NAME}", data[::-1], scheme)  # as long as before
    with pytest.raises(ArchiveError, match="no WARC record"):  # so it was read again
        gather(tmp_path / "output", place, run_id="c", **again)


@pytest.mark.slow
def test_a_back_fill_is_published(bucket, tmp_path):
    shop = Workshop(tmp_path, site=SITE)
    url = bucket.make("backfill")
    pages = [page for page in ccnews.demo_pages("baobaclieu.vn") if page.url.endswith(".html")]
    file = ccnews.write(tmp_path / ccnews.NAME, map(ccnews.capture, pages))
    shop.scrapy("replay", "--ccnews", str(file), "--sites", SITE, OUTPUT=url)
    found, _ = published_rows(url, shop)
    assert found == rows(shop.output / "articles") != []
    assert list(check_published(Objects(url), is_thorough=True)) == []


def test_what_cannot_be_used_is_said_in_one_line(bucket, workshop):
    for url, status, words in (
        ("s3://no-such-bucket/x", None, "no such bucket"),
        (bucket.make("refused"), 403, "access refused"),
        ("hf://datasets/x/y", None, "hf upload"),
    ):
        if status:
            bucket.fail("GET", status, 1_000)
        failed = workshop.scrapy("crawl", SITE, OUTPUT=url, STORAGE_RETRY_SECONDS=0.5, check=False)
        if status:
            bucket.mend()
        assert failed.returncode in {1, 2}
        assert words in failed.stderr
        assert len(failed.stderr.strip().splitlines()) == 1, failed.stderr
    assert not (workshop.output / "articles").exists()
