"""``make bench``: every benchmark, one after the other."""

from benchmarks import (
    alert_latency,
    alert_law,
    api,
    backfill_alerts,
    backtest,
    browser,
    chain,
    dates,
    delivery,
    delivery_chaos,
    desk,
    dispatching,
    events,
    export,
    extraction,
    freshness,
    hostile,
    keeping,
    one_meaning,
    outage,
    percolate,
    polls,
    query_fuzz,
    reindex,
    replay,
    run_chaos,
    search,
    search_kills,
    stories,
    texts,
    timetable,
    week,
)
from benchmarks.site import CASES


def main() -> None:
    """Run all benchmarks that can be run here."""
    dates.run()
    freshness.run()
    timetable.run()
    week.run()
    week.worker()
    browser.run()
    polls.run()
    export.run()
    api.run()
    keeping.run()
    reindex.run()
    search_kills.run()
    one_meaning.run()
    delivery.run()
    delivery_chaos.run()
    dispatching.run()
    run_chaos.run()
    backfill_alerts.run()
    alert_law.run()
    hostile.run()
    if not CASES.is_dir():
        raise SystemExit(
            f"the labelled pages are not beside the checkout ({CASES}); the benchmarks need them"
        )
    texts.run()
    desk.run()
    percolate.run()
    query_fuzz.run()
    events.run()
    extraction.run()
    chain.run()
    replay.run()
    outage.run()
    alert_latency.run()
    stories.run()
    search.run()
    backtest.run()


if __name__ == "__main__":
    main()
