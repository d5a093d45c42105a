"""Everything that a crawl says of itself is explained in docs/stats.md."""

import json

import pytest
from stat_names import PAGE, figures, names, unexplained
from workshop import ROOT, Workshop


@pytest.fixture
def demo(tmp_path):
    shop = Workshop(tmp_path, site="baothainguyen")
    shop.log = shop.scrapy(
        "crawl", "baothainguyen", "-a", f"archive={ROOT / 'seeds/demo.warc.gz'}", "-L", "INFO"
    ).stderr
    return shop


def test_every_figure_of_a_demo_crawl_is_explained(demo):
    assert len(names(demo.log)) > 12
    assert unexplained(demo.log) == []
    [manifest] = demo.manifests()
    found = set(figures(json.loads(json.dumps(manifest))))
    assert len(found) > 40
    assert not [name for name in found if f"| `{name}` | " not in PAGE or f"| `{name}` |  |" in PAGE]
