"""The demo newsroom as a state machine: what is published where, how it reads, what is remembered."""

import json
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.demo import SITES, hook_url, statefile
from newsbot.demo.addresses import number_in, path_of, post_at
from newsbot.demo.ledger import Ledger
from newsbot.demo.newsroom import CATCH_UP, REPOST_DELAY, SEED_NUMBER, Newsroom, Post
from newsbot.demo.stock import stock

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
INTERVAL = 4.0


def after(intervals: float) -> datetime:
    return START + timedelta(seconds=intervals * INTERVAL)


def saved_at(file: Path, ledger: Ledger) -> str:
    statefile.save(file, ledger)
    return file.read_text()


def newsroom_at(intervals: int, *, ledger: Ledger | None = None, seed: str = "test") -> Newsroom:
    """Return a newsroom that opened at START and has run for so many intervals."""
    newsroom = Newsroom(stock(), seed=seed, interval=INTERVAL, ledger=ledger)
    for step in range(intervals + 1):
        newsroom.advance(after(step))
    return newsroom


def everything(newsroom: Newsroom, now: datetime) -> list[Post]:
    return [post for site in SITES for post in newsroom.latest(site.name, now)]


@pytest.fixture(scope="module")
def whole_round() -> tuple[Newsroom, datetime]:
    """A newsroom that has told its stock once and most of it a second time."""
    return newsroom_at(80), after(80)


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_every_site_has_news_from_the_start(site):
    assert len(list(newsroom_at(0).latest(site.name, START))) >= 3


def test_the_seed_article_is_there_from_the_start_and_for_ever():
    for intervals in (0, 500):
        posts = list(newsroom_at(intervals).latest("madapost", after(intervals)))
        assert posts[-1].title.startswith("وزير الدفاع الروسي في سوريا")
        assert posts[-1].published == datetime(2020, 3, 23, 17, 41, 7, tzinfo=UTC)


def test_one_story_is_published_every_interval():
    newsroom = newsroom_at(0)
    assert newsroom.advance(after(0.9)) == 0
    assert newsroom.next_due() == after(1)
    assert newsroom.advance(after(1)) == 1
    assert newsroom.advance(after(3)) == 2


def test_publication_dates_are_now(whole_round):
    newsroom, now = whole_round
    dated = [post.published for post in everything(newsroom, now) if post.number != SEED_NUMBER]
    assert max(dated) <= now
    assert min(dated) >= START - timedelta(hours=3)
    newest = max(post.number for post in everything(newsroom, now))
    assert newsroom.ledger.published - 1 == newest
    assert now - max(dated) < timedelta(seconds=INTERVAL)


def test_lists_are_newest_first(whole_round):
    newsroom, now = whole_round
    for site in SITES:
        dates = [post.published for post in newsroom.latest(site.name, now)]
        assert dates == sorted(dates, reverse=True)


def test_a_section_lists_its_own_stories_only(whole_round):
    newsroom, now = whole_round
    posts = list(newsroom.latest("wire", now, section="economy"))
    assert posts
    assert {post.section for post in posts} == {"economy"}


def test_the_same_seed_and_start_always_give_the_same_newsroom():
    now = after(120)
    assert everything(newsroom_at(120), now) == everything(newsroom_at(120), now)


def test_another_seed_gives_another_order():
    now = after(30)
    one, other = (everything(newsroom_at(30, seed=seed), now) for seed in ("a", "b"))
    assert [post.title for post in one] != [post.title for post in other]


def test_the_whole_stock_is_told_before_any_story_comes_again():
    size = sum(len(stories) for stories in stock().values())
    newsroom, now = newsroom_at(2 * size), after(2 * size)
    told = {
        post.number: post.story.key
        for post in everything(newsroom, now)
        if post.site != "mirror" and post.number != SEED_NUMBER
    }
    assert len({told[number] for number in range(size)}) == size
    assert len({told[number] for number in range(size, 2 * size)}) == size


def test_the_stock_is_about_fifty_stories():
    counts = {site: len(stories) for site, stories in stock().items()}
    assert counts == {"madapost": 15, "wire": 10, "courier": 10, "gazette": 8, "jsdaily": 5}
    for stories in stock().values():
        for story in stories:
            assert 3 <= len(story.paragraphs) <= 6, story.key


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_every_story_of_a_site_belongs_to_one_of_its_sections(site):
    for story in stock().get(site.name, ()):
        assert site.section_title(story.section)


def test_a_repost_follows_a_few_seconds_later_with_the_same_paragraphs_under_another_headline():
    newsroom = newsroom_at(60)
    wire = next(post for post in newsroom.latest("wire", after(40)) if post.published > START)
    soon = wire.published + timedelta(seconds=REPOST_DELAY * INTERVAL)
    assert newsroom.post("mirror", wire.number, soon - timedelta(milliseconds=1)) is None
    repost = newsroom.post("mirror", wire.number, soon)
    assert repost is not None
    assert repost.paragraphs == wire.paragraphs
    assert repost.title != wire.title
    assert repost.published == soon


def test_only_the_wire_is_reposted(whole_round):
    newsroom, now = whole_round
    for post in newsroom.latest("mirror", now):
        assert newsroom.post("wire", post.number, now) is not None


def first_post_of(key: str, newsroom: Newsroom, now: datetime) -> Post:
    return [post for post in newsroom.latest("courier", now) if post.story.key == key][-1]


def test_a_published_headline_is_changed_after_some_time():
    newsroom = newsroom_at(60)
    story = next(story for story in stock()["courier"] if story.key == "courier-dig")
    post = first_post_of(story.key, newsroom, after(60))
    (edit,) = story.edit
    change = max(post.published, START) + timedelta(seconds=edit.after * INTERVAL)
    before = newsroom.post("courier", post.number, change - timedelta(milliseconds=1))
    later = newsroom.post("courier", post.number, change)
    assert before is not None
    assert later is not None
    assert (before.title, before.revision, before.modified) == (story.title, 0, post.published)
    assert (later.title, later.revision, later.modified) == (edit.title, 1, change)
    assert path_of(before) == path_of(later)


def test_a_correction_is_appended_and_nothing_else_is_touched():
    newsroom = newsroom_at(60)
    post = first_post_of("courier-bridge", newsroom, after(60))
    assert post.paragraphs[-1].startswith("Correction: ")
    assert post.paragraphs[:-1] == post.story.paragraphs
    assert post.modified > post.published


def test_a_paragraph_and_a_headline_come_one_after_the_other():
    newsroom = newsroom_at(80)
    post = first_post_of("courier-festival", newsroom, after(80))
    assert post.revision == 2
    assert len(post.paragraphs) == len(post.story.paragraphs) + 1
    assert post.title == post.story.edit[1].title


def test_stories_of_the_opening_are_edited_live_and_not_at_once():
    newsroom = newsroom_at(30)
    opening = [post for post in newsroom.latest("courier", START) if post.published < START]
    assert len(opening) == 3
    assert all(post.revision == 0 for post in opening)
    later = [newsroom.post("courier", post.number, after(30)) for post in opening]
    assert all(post and post.revision >= 1 for post in later)


def test_only_the_courier_edits(whole_round):
    newsroom, now = whole_round
    assert {post.site for post in everything(newsroom, now) if post.revision} == {"courier"}


def test_a_restart_keeps_what_was_published(tmp_path: Path):
    file = tmp_path / "newsroom.json"
    before = newsroom_at(50)
    statefile.save(file, before.ledger)
    again = Newsroom(stock(), interval=INTERVAL, ledger=statefile.load(file))
    assert everything(again, after(50)) == everything(before, after(50))


def test_time_spent_switched_off_is_not_caught_up():
    before = newsroom_at(50)
    again = Newsroom(stock(), interval=INTERVAL, ledger=before.ledger)
    hours_later = after(5000)
    assert again.advance(hours_later) == 0
    assert again.advance(hours_later + timedelta(seconds=INTERVAL)) == 1
    kept = {post.number: post for post in everything(again, hours_later)}
    for post in everything(before, after(50)):
        assert kept[post.number].published is not None
        assert again.post(post.site, post.number, after(50)) == post


def test_a_short_delay_is_caught_up():
    newsroom = newsroom_at(10)
    assert newsroom.advance(after(10 + CATCH_UP)) == CATCH_UP


def test_a_restart_before_the_first_publication_keeps_the_dates_of_the_opening():
    before = newsroom_at(0)
    again = Newsroom(stock(), interval=INTERVAL, ledger=before.ledger)
    again.advance(after(1000))
    again.advance(after(1001))
    for post in everything(before, START):
        assert again.post(post.site, post.number, START) == post


def test_a_clock_set_back_publishes_nothing_in_the_future():
    newsroom = newsroom_at(100)
    newsroom.advance(after(50))
    published = newsroom.ledger.published
    assert newsroom.advance(after(51)) == 1
    newest = max(everything(newsroom, after(51)), key=lambda post: post.number)
    assert newest.number == published
    assert newest.published == after(51)


def test_another_interval_holds_from_the_restart_on():
    before = newsroom_at(10)
    again = Newsroom(stock(), interval=1.0, ledger=before.ledger)
    again.advance(after(10))
    assert again.next_due() == after(10) + timedelta(seconds=1)


def test_another_stock_never_reuses_an_address():
    before = newsroom_at(60)
    smaller = {**stock(), "wire": stock()["wire"][:5]}
    again = Newsroom(smaller, interval=INTERVAL, ledger=before.ledger)
    again.advance(after(100))
    used = {post.number for post in everything(before, after(60))} - {SEED_NUMBER}
    now_used = {post.number for post in everything(again, after(100))} - {SEED_NUMBER}
    assert now_used
    assert not used & now_used


@pytest.mark.parametrize("interval", [0, -1, float("nan"), float("inf")])
def test_an_interval_that_is_none_is_refused(interval):
    with pytest.raises(ValueError, match="must be from"):
        Newsroom(stock(), interval=interval)


def test_a_broken_state_file_is_said_in_one_sentence(tmp_path: Path):
    file = tmp_path / "newsroom.json"
    whole = json.dumps(json.loads(saved_at(file, newsroom_at(3).ledger)))
    for content in (
        "",
        "{",
        "[]",
        '{"seed": "a"}',
        whole.replace('"interval": 4.0', '"interval": 0'),
        whole.replace("+00:00", ""),
        whole.replace('"shifts": [', '"shifts": [], "more": ['),
    ):
        file.write_text(content)
        with pytest.raises(statefile.StateFileError, match=r"cannot be read.*remove it"):
            statefile.load(file)


def test_a_state_file_is_replaced_in_one_step(tmp_path: Path):
    file = tmp_path / "newsroom.json"
    statefile.save(file, newsroom_at(3).ledger)
    with file.open() as held:
        statefile.save(file, newsroom_at(30).ledger)
        earlier = held.read()
    assert statefile.load(file) == newsroom_at(30).ledger
    file.write_text(earlier)
    assert statefile.load(file) == newsroom_at(3).ledger
    assert [each.name for each in tmp_path.iterdir()] == ["newsroom.json"]


def test_the_ledger_stays_small_however_long_the_newsroom_runs(tmp_path: Path):
    file = tmp_path / "newsroom.json"
    statefile.save(file, newsroom_at(5000).ledger)
    assert file.stat().st_size < 1000


def test_an_address_leads_back_to_its_post(whole_round):
    newsroom, now = whole_round
    sites = {site.name: site for site in SITES}
    paths = set()
    for post in everything(newsroom, now):
        path = path_of(post)
        paths.add((post.site, path))
        assert post_at(newsroom, sites[post.site], path, now) == post
    assert len(paths) == len(everything(newsroom, now))


def test_an_address_with_another_headline_leads_nowhere(whole_round):
    newsroom, now = whole_round
    courier = next(site for site in SITES if site.name == "courier")
    post = next(newsroom.latest("courier", now))
    wrong = path_of(post).replace(post.slug, "something-else")
    assert number_in(courier, wrong) == post.number
    assert post_at(newsroom, courier, wrong, now) is None


def test_the_seed_article_stands_at_the_address_it_always_had():
    assert path_of(Newsroom.seed_post()) == "/archives/76412"


@settings(max_examples=200, deadline=None)
@given(
    path=st.text(max_size=60)
    | st.integers().map("/archives/{}".format)
    | st.integers(min_value=0).map("/p/{}-x/".format)
)
def test_any_path_can_be_asked_for(path):
    newsroom = newsroom_at(0)
    for site in SITES:
        post = post_at(newsroom, site, path, START)
        assert post is None or path_of(post) == path


def test_sites_stand_side_by_side_and_the_inbox_after_them():
    assert [site.homepage(9000) for site in SITES] == [
        f"http://127.0.0.1:{port}/" for port in range(9000, 9006)
    ]
    assert hook_url(9000) == "http://127.0.0.1:9006/hook"
    assert [site.name for site in SITES if site.javascript] == ["jsdaily"]


def test_lists_end_somewhere():
    newsroom = newsroom_at(3000)
    assert len(list(islice(newsroom.latest("jsdaily", after(3000)), 5000))) < 300
