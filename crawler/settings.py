"""Every component and number of the flow, with the reason beside it. Read it top to bottom to know what happens."""

from __future__ import annotations

from typing import Any

from crawler.plugins import installed_addons

BOT_NAME = "news-corpus-collector"

# --- where things are (give them with -s on any command) --------------------------------------------------------------
SEEDS_DIR = "seeds"  # one folder per site: profile.toml, seeds, gold, pages
OUTPUT_DIR = "output"  # archive/ staging/ articles/ rejected/ duplicates/ runs/ state.sqlite
OUTPUT = ""  # s3://bucket/prefix, gs://… or az://…: where OUTPUT_DIR is published as it grows (docs/storage.md)
ALLOW_PRIVATE_HOSTS = False  # True only to crawl a newspaper on this machine, as the tests do

# --- who we are -------------------------------------------------------------------------------------------------------
CONTACT = ""  # an address or a page where a webmaster reaches you; stands in the User-Agent
USER_AGENT = "news-corpus-collector/0.1"
ROBOTS_TOKEN = "news-corpus-collector"  # noqa: S105 - the product token robots.txt groups are matched with (RFC 9309, 2.2.1)

# --- one spider per seeds/<site>/profile.toml -------------------------------------------------------------------------
SPIDER_LOADER_CLASS = "crawler.spiderloader.ProfileSpiderLoader"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
COMMANDS_MODULE = "crawler.commands"

# --- the way in: URLs wait in SQLite, every response is archived before anything else looks at it ---------------------
SCHEDULER = "crawler.scheduler.FrontierScheduler"
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"  # the frontier knows every URL already
DOWNLOADER = "crawler.crawling.downloader.InterruptibleDownloader"  # a stop does not wait for a host that hangs
JOBDIR = None  # loses the queue when killed; the frontier does not

SPIDER_MIDDLEWARES: dict[str, int | None] = {
    # the frontier keeps depth, length and hosts itself; a Referer would tell one site what we read on another
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,
}
DOWNLOADER_MIDDLEWARES: dict[str, int | None] = {
    "crawler.middlewares.RobotsMiddleware": 100,
    "crawler.middlewares.CredentialsMiddleware": 930,  # what default headers say of us, one host hears
    "crawler.middlewares.OfflineMiddleware": 940,
    "crawler.middlewares.ArchiveMiddleware": 950,  # nearest to the network: sees what was sent, as it was sent
    "crawler.cluster.slots.SlotMiddleware": 960,  # with CRAWL_SLOT alone: waits for the slot that crawls share
    # redirects and retries are frontier entries, so that they survive a kill and are archived one by one
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    # bodies are decoded once, with caps, by crawler.archive, the same way live and from the archive
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # allows all when robots.txt is unreachable
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # discovery keeps to the profile's hosts
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
}

# --- the stages, in order: pure functions of crawler.extraction, .refinement, .dedup, .corpus behind ten-line classes -
ITEM_PIPELINES = {
    "crawler.pipelines.ExtractPipeline": 100,  # Page -> Article, in a worker process that can be killed
    "crawler.pipelines.NormalisePipeline": 200,  # Unicode, spaces, legacy encodings
    "crawler.pipelines.JudgePipeline": 300,  # language and quality rules
    "crawler.pipelines.TopicPipeline": 400,  # nearest seed
    "crawler.pipelines.SignPipeline": 500,  # content hash and MinHash
    "crawler.pipelines.CommitPipeline": 600,  # duplicates are decided and rows written in one transaction
}
ADDONS = installed_addons()  # what other installed packages add to all this (docs/plugins.md)
EXTENSIONS: dict[str, int | None] = {
    "crawler.extensions.ProgressExtension": 0,  # has its last word before the run is closed
    "crawler.extensions.RunExtension": 10,
    "scrapy.extensions.logstats.LogStats": None,  # ProgressExtension says more
    # both open ports on this machine; RemoteControl runs code that is sent to it
    "scrapy.extensions.telnet.TelnetConsole": None,
}
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

# --- politeness -------------------------------------------------------------------------------------------------------
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # one request at a time per host
DOWNLOAD_DELAY = 1.0  # seconds between two requests to a host; Crawl-delay and the profile can only raise it
DOWNLOAD_DELAY_JITTER = 0  # jitter would dip below a Crawl-delay
CRAWL_DELAY_MAX = 120.0  # seconds; a larger Crawl-delay in robots.txt counts as this (Common Crawl's figure)
AUTOTHROTTLE_ENABLED = False  # it lowers a slot's delay below robots.txt's
OBEY_OPT_OUTS = False  # True: pages that reserve their rights against mining are rejected, else only recorded

# --- what a response may cost -----------------------------------------------------------------------------------------
DOWNLOAD_TIMEOUT = 30  # seconds in all, so that a stalling host costs little and a stop is quick
DOWNLOAD_MAXSIZE = 50 * 1024 * 1024  # bytes on the wire: the largest sitemap the protocol allows
DOWNLOAD_WARNSIZE = 0
BROWSER_TIMEOUT = 60.0  # seconds for a page of `crawl.browser` in all, what its scripts ask for and its pauses included
PAGE_MAX_BYTES = 8 * 1024 * 1024  # bytes of a decoded page; larger ones are rejected as too_large
DOWNLOAD_FAIL_ON_DATALOSS = False  # a body cut short is archived and marked as truncated
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_HANDLERS: dict[str, str | None] = {
    "http": "crawler.crawling.downloader.CappedHandler",  # headers have an end, too
    "https": "crawler.crawling.downloader.CappedHandler",
    **dict.fromkeys(("file", "ftp", "data", "s3")),  # http and https only
}
TWISTED_DNS_RESOLVER = "crawler.resolver.GuardResolver"  # refuses private addresses, also after redirects
COOKIES_ENABLED = False  # no sessions; and cookies would fetch the public suffix list from elsewhere
REFERER_ENABLED = False
ROBOTSTXT_OBEY = False  # crawler.middlewares.RobotsMiddleware does, by RFC 9309
HTTPPROXY_ENABLED = True

# --- failures ---------------------------------------------------------------------------------------------------------
FETCH_ATTEMPTS = 3  # tries of a URL within a run
FETCH_BACKOFF = 10.0  # seconds before the second try; three times as much before each further one
HOST_FAILURES_MAX = 20  # failures in a row after which a run asks a host for nothing more: it is down

# --- what is asked again: listings, feeds and sitemaps each run, articles whose source says so, and -------------------
SOURCE_REST = 300.0  # seconds: what a finished run with this profile asked so shortly before is not asked again
RECHECK_AFTER = [3_600, 86_400, 604_800]  # seconds after its first fetch, a recent article: corrections come early

PROGRESS_FILE = ""  # where a crawl writes its state for `scrapy collect` to show

# --- nothing is lost: how often what was fetched becomes durable ------------------------------------------------------
ARCHIVE_MAX_BYTES = 1_000_000_000  # a WARC file is closed and the next begun (the ecosystem's usual size)
CHECKPOINT_SECONDS = 2.0  # at most this much fetching is repeated after a power cut
CHECKPOINT_RECORDS = 64  # or as soon as so many responses wait to be noted
COMMIT_SECONDS = 30.0  # at most this long until an article is in the corpus
COMMIT_ROWS = 1_000  # rows per part: fewer make small files, more hold memory
CRAWL_SLOT = ""  # socket that gives the slot of a host to one of the crawls that share it (docs/scale.md)
CORPUS_IS_SHARD = False  # True: a task of `scrapy collect --on`, whose outcomes another process decides once more

# --- object storage, when OUTPUT names one (docs/storage.md) ----------------------------------------------------------
STORAGE_RETRY_SECONDS = 60.0  # how long a request is repeated while the storage does not answer; then the run ends
STORAGE_LEASE_SECONDS = 600.0  # a writer on another machine that is not heard of for so long is taken for dead
STORAGE_NEIGHBOURS = True  # bring in the other sites' rows too: duplicates of theirs are found; False: this site's only

# --- scrapy replay --ccnews -------------------------------------------------------------------------------------------
CCNEWS_HOSTS = ["data.commoncrawl.org"]  # hosts that WARC files may be read from over http and https

# --- extraction -------------------------------------------------------------------------------------------------------
EXTRACTION_WORKERS = 0  # 0: one per core
EXTRACTION_TIMEOUT = 10.0  # seconds per page; ordinary pages take 0.01 to 0.1
EXTRACTION_MEMORY_MB = 1_500  # address space of a worker

# --- refinement and deduplication: thresholds are documented in docs/quality-rules.md and docs/deduplication.md -------
# QUALITY_<FIELD> overrides a field of crawler.refinement.thresholds.Thresholds: -s QUALITY_MIN_WORDS=50
DEDUP: dict[str, Any] = {  # overrides of crawler.dedup.relations.Thresholds, by field name
    "extension": 0.5,  # an article that says twice as much as the excerpt of it that came first is kept as well
}
DEDUP_POLICY = "original_source"  # whom `scrapy dedup --apply-policy` keeps; or earliest, longest, own_site_first
DEDUP_OWN_SITES: list[str] = []  # keys of sites in the order in which own_site_first prefers them

# --- scrapy schedule: what a profile's `schedule` starts --------------------------------------------------------------
SCHEDULE_JOBS = 0  # crawls at once; 0: one per core
SCHEDULE_SPREAD = 300  # seconds: cron lines of different sites start up to so much later, not all on the hour
SCHEDULE_RUN_SECONDS = 6 * 3600.0  # a crawl that runs longer is ended in order and goes on at its next time; 0: never
SCHEDULE_RUN_PAGES = 0  # most pages of a scheduled crawl; 0: as the profile says
SCHEDULE_ARTICLES = 3.0  # an adaptive site is due when so many new articles are expected
ALERT_URLS: list[str] = []  # whom to tell when the verdict on a site changes: mailto://…, json://…, slack://… (apprise)

# --- Scrapy's own -----------------------------------------------------------------------------------------------------
CONCURRENT_ITEMS = 1  # 100 costs 2 ms of CPU a page for nothing: a page yields one item
CONCURRENT_REQUESTS = 16
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 20_000_000  # bytes of pages waiting for a worker before fetching pauses
DEFAULT_DROPITEM_LOG_LEVEL = "DEBUG"  # a reject is a row of the corpus, not a warning
MEMUSAGE_LIMIT_MB = 1_500
CLOSESPIDER_ERRORCOUNT = 100
LOG_LEVEL = "WARNING"  # a crawl says how it goes on stderr; -L INFO tells all, --nolog nothing
LOG_FORMATTER = "crawler.logformatter.ShortLogFormatter"  # a page or an article never goes into the log
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
FEED_EXPORT_ENCODING = "utf-8"
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5",
    "Accept-Language": "vi,en;q=0.5",
    "Accept-Encoding": "gzip, deflate, br",
}
