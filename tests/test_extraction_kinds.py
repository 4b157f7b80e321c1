"""What a page is, on pages of six systems in ten languages."""

import gzip
import json
from pathlib import Path

import pytest

from newsbot.extraction import extract
from tests.layouts import LAYOUTS, OTHERS, Fill

SITE = "https://courier.example"
STORY = f"{SITE}/2026/03/01/harbour-opens"

# By language: headline, a flash of two lines, paragraphs, the title and text of an error page.
WORDS = {
    "en": (
        "Harbour opens after nine days",
        "The harbour of Ellerton opened at dawn on Sunday. More will follow.",
        ["The harbour of Ellerton opened at dawn on Sunday, nine days after the storm had closed it, and the first three ferries left on time, the harbour master said.",
         "Crews had worked through the night to clear the channel of the sand that the storm had left behind.",
         "The council will decide next month whether a second dredger is to be bought for the season."],
        ("Page not found", "The page you are looking for does not exist or has been moved."),
    ),
    "ar": (
        "الميناء يفتح أبوابه بعد تسعة أيام",
        "فتح ميناء المدينة أبوابه فجر اليوم الأحد، كما أعلن مدير الميناء.",
        ["فتح ميناء المدينة أبوابه فجر اليوم الأحد بعد تسعة أيام من العاصفة التي أغلقته، وغادرت أول ثلاث عبارات في موعدها، كما قال مدير الميناء.",
         "وعملت الطواقم طوال الليل لتنظيف القناة من الرمال التي خلفتها العاصفة وراءها.",
         "ويقرر المجلس الشهر المقبل ما إذا كان سيشتري جرافة ثانية للموسم."],
        ("الصفحة غير موجودة", "عذرا، الصفحة التي تبحث عنها غير موجودة أو تم نقلها."),
    ),
    "fa": (
        "بندر پس از نه روز بازگشایی شد",
        "بندر شهر بامداد یکشنبه بازگشایی شد. جزئیات بیشتر در راه است.",
        ["بندر شهر بامداد یکشنبه، نه روز پس از توفانی که آن را بسته بود، بازگشایی شد و سه کشتی نخست به موقع حرکت کردند، رئیس بندر گفت.",
         "کارکنان همه شب کار کرده بودند تا آبراه را از شن‌هایی که توفان به جا گذاشته بود پاک کنند.",
         "شورا ماه آینده تصمیم می‌گیرد که آیا لایروب دومی برای این فصل خریداری شود یا نه."],
        ("صفحه یافت نشد", "متأسفیم، صفحه‌ای که به دنبال آن هستید وجود ندارد."),
    ),
    "de": (
        "Hafen öffnet nach neun Tagen wieder",
        "Der Hafen von Ellerton hat am Sonntag wieder geöffnet. Weitere Informationen folgen.",
        ["Der Hafen von Ellerton hat am Sonntagmorgen wieder geöffnet, neun Tage nachdem der Sturm ihn geschlossen hatte; die ersten drei Fähren fuhren pünktlich ab, sagte der Hafenmeister.",
         "Die ganze Nacht hatten Arbeiter die Fahrrinne von dem Sand befreit, den der Sturm hinterlassen hatte.",
         "Im nächsten Monat entscheidet der Rat, ob für die Saison ein zweiter Bagger gekauft wird."],
        ("Seite nicht gefunden", "Die von Ihnen gesuchte Seite existiert nicht oder wurde verschoben."),
    ),
    "fr": (
        "Le port rouvre après neuf jours",
        "Le port d'Ellerton a rouvert dimanche à l'aube. Plus d'informations à venir.",
        ["Le port d'Ellerton a rouvert dimanche à l'aube, neuf jours après la tempête qui l'avait fermé, et les trois premiers ferries sont partis à l'heure, a dit le capitaine du port.",
         "Les équipes avaient travaillé toute la nuit pour dégager le chenal du sable laissé par la tempête.",
         "Le conseil décidera le mois prochain si une seconde drague doit être achetée pour la saison."],
        ("Page introuvable", "La page que vous recherchez n'existe pas ou a été déplacée."),
    ),
    "ru": (
        "Порт открылся спустя девять дней",
        "Порт Эллертона открылся на рассвете в воскресенье. Подробности позже.",
        ["Порт Эллертона открылся на рассвете в воскресенье, через девять дней после бури, которая его закрыла, и первые три парома ушли вовремя, сообщил начальник порта.",
         "Всю ночь рабочие очищали фарватер от песка, который оставила после себя буря.",
         "В следующем месяце совет решит, покупать ли на сезон второй земснаряд."],
        ("Страница не найдена", "К сожалению, запрашиваемая страница не существует или была удалена."),
    ),
    "tr": (
        "Liman dokuz gün sonra açıldı",
        "Ellerton limanı pazar sabahı yeniden açıldı. Ayrıntılar gelecek.",
        ["Ellerton limanı, fırtınanın kapatmasından dokuz gün sonra pazar sabahı şafakta yeniden açıldı ve ilk üç feribot zamanında kalktı, dedi liman başkanı.",
         "Ekipler, fırtınanın geride bıraktığı kumu kanaldan temizlemek için bütün gece çalışmıştı.",
         "Meclis gelecek ay sezon için ikinci bir tarak gemisi alınıp alınmayacağına karar verecek."],
        ("Sayfa bulunamadı", "Aradığınız sayfa mevcut değil ya da taşınmış olabilir."),
    ),
    "zh": (
        "港口九天后重新开放",
        "埃勒顿港周日清晨重新开放。详情稍后公布。",
        ["埃勒顿港在因风暴关闭九天之后，于周日清晨重新开放，港务局长表示，最早的三班渡轮准时出发，等候多日的渔民也在渡轮之前出海。",
         "工人们连夜清理航道，清除风暴留下的泥沙，直到天亮之前才完成全部工作。",
         "议会将于下个月决定是否为本季购买第二艘挖泥船，预算已经提交给财政委员会审议。"],
        ("页面不存在", "抱歉，您访问的页面不存在或已被删除。"),
    ),
    "ja": (
        "港が九日ぶりに再開",
        "エラートン港は日曜日の明け方に再開した。詳細は追って伝える。",
        ["嵐で閉鎖されていたエラートン港が九日ぶりに日曜日の明け方に再開し、最初の三便のフェリーは定刻に出港したと、港長が明らかにした。",
         "作業員らは嵐が残した砂を航路から取り除くため、夜を徹して作業を続けていた。",
         "議会は来月、今季に向けて二隻目の浚渫船を購入するかどうかを決める予定だ。"],
        ("ページが見つかりません", "お探しのページは移動または削除された可能性があります。"),
    ),
    "he": (
        "הנמל נפתח מחדש אחרי תשעה ימים",
        "נמל אלרטון נפתח מחדש עם שחר ביום ראשון. פרטים נוספים בהמשך.",
        ["נמל אלרטון נפתח מחדש עם שחר ביום ראשון, תשעה ימים אחרי הסערה שסגרה אותו, ושלוש המעבורות הראשונות יצאו בזמן, אמר מנהל הנמל.",
         "הצוותים עבדו כל הלילה כדי לפנות את התעלה מהחול שהסערה הותירה אחריה.",
         "המועצה תחליט בחודש הבא אם לרכוש מחפר שני לקראת העונה."],
        ("הדף לא נמצא", "מצטערים, הדף שחיפשתם אינו קיים או שהועבר."),
    ),
}  # fmt: skip
BOTH = pytest.mark.parametrize("layout", LAYOUTS)
IN_ALL = pytest.mark.parametrize("language", WORDS)


def story(title: str, paragraphs: list[str]) -> str:
    return (
        f'<article class="post type-post"><h1 class="entry-title">{title}</h1>'
        '<div class="entry-content">' + "".join(f"<p>{each}</p>" for each in paragraphs) + "</div></article>"
    )  # fmt: skip


def state(**said: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@context": "https://schema.org"} | said)}</script>'


def teasers(count: int, summary: str = "") -> str:
    return "".join(
        f'<article class="teaser"><h2 class="entry-title"><a href="/2026/03/story-{n}">'
        f"{OTHERS[n % len(OTHERS)]}</a></h2><p>{summary}</p></article>"
        for n in range(count)
    )


# Articles


@BOTH
@IN_ALL
def test_an_article_is_one(layout: str, language: str) -> None:
    title, _, paragraphs, _ = WORDS[language]
    page = LAYOUTS[layout](Fill(title=title, main=story(title, paragraphs), language=language))
    found = extract(page.encode(), STORY)
    assert (found.kind, found.title) == ("article", title)
    assert found.body.splitlines() == paragraphs


@BOTH
@IN_ALL
def test_a_flash_of_two_lines_is_an_article(layout: str, language: str) -> None:
    title, flash, _, _ = WORDS[language]
    page = LAYOUTS[layout](Fill(title=title, main=story(title, [flash]), language=language))
    found = extract(page.encode(), STORY)
    assert found.is_article, found.why
    assert found.body == flash


ABOUT = {
    "404 errors": ("How the Courier's 404 pages became a joke", "Readers who meet the words page not found on this site now see a drawing of a lost ferry, the editor said on Sunday. Nobody complained, she added, and the drawing hangs in the town hall."),
    "not found": ("Missing fishing boat: 'No wreck, nothing found' off Ellerton", "Divers searched the bay for nine days and went home on Sunday. Nothing was found, the coast guard said, and no further search is planned."),
    "captcha": ("Why captcha puzzles are getting harder", "Asked whether you are a robot, you click on ferries, and then on more ferries. Researchers in Ellerton found that machines now solve the puzzles faster than people do."),
    "cookies": ("We value your privacy, says the minister", "The minister told the harbour council on Sunday that consent banners will go. Cookies are to be asked for once a year only, and by the browser."),
    "access": ("Access denied: reporters kept from the harbour", "Guards turned three reporters away from the quay on Sunday, nine days after the storm. The council spoke of a misunderstanding, the reporters of a habit."),
    "service": ("Ferry service unavailable until Thursday", "The ferry between Ellerton and the island does not run until Thursday, the harbour master said. Two boats are damaged, and the third is at the yard."),
    "gone": ("Old lighthouse no longer available for weddings", "Couples have to look elsewhere from April on, the council said on Sunday. The stairs of the tower are worn, and nobody wants to pay for new ones."),
    "a moment": ("Just a moment of silence for the lost boats", "The town stood still at noon on Sunday. Bells were rung nine times, once for each of the boats that the storm of last week had taken."),
    "german": ("Fehler 404: Wie eine Zahl berühmt wurde", "Kaum jemand weiß, woher die Zahl kommt, die bei jeder verschwundenen Seite steht. Eine Ausstellung in Ellerton erzählt es nun bis Mai."),
    "russian": ("Суд: доступ ограничен незаконно", "Суд Эллертона в воскресенье признал незаконным ограничение доступа к набережной. Совет города может обжаловать решение в течение месяца."),
}  # fmt: skip


@BOTH
@pytest.mark.parametrize("subject", ABOUT)
def test_an_article_about_what_other_pages_say_is_one(layout: str, subject: str) -> None:
    title, text = ABOUT[subject]
    page = LAYOUTS[layout](Fill(title=title, main=story(title, [text])))
    found = extract(page.encode(), STORY)
    assert found.is_article, found.why
    assert text in found.body


TABLE = "<table><tr><th>Quay</th><th>Ships</th></tr>" + "".join(
    f"<tr><td>Quay {n}</td><td>{n * 7}</td></tr>" for n in range(1, 12)
) + "</table>"  # fmt: skip
FORMS = {
    "a table of figures": story("Ships by quay in February", ["The harbour counted these ships.", TABLE]),
    "an opinion": '<div class="opinion kicker">Opinion</div>' + story("The harbour is ours", WORDS["en"][2]),
    "a recipe": story("Ellerton fish soup", ["Serves four. Takes an hour.", "<b>Ingredients</b>", "<ul><li>Two herrings</li><li>An onion</li><li>Salt</li></ul>", "Cut the onion, fry it, add the fish and a litre of water, and let it stand."]),
    "a press release": '<p class="label">Press release</p>' + story("Ellerton Harbour plc: results of the year", [*WORDS["en"][2], "Contact: press@harbour.example"]),
    "a newsletter's issue": story("The Courier's week: nine days without a ferry", ["Good morning, dear readers.", *WORDS["en"][2]]),
    "a tiny body among links": '<div class="links">' + teasers(30) + "</div>" + story("Ferry back at noon", ["The ferry goes back at noon on Sunday, the harbour master said. Tickets stay valid."]),
}  # fmt: skip


@BOTH
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_article_is_one(layout: str, form: str) -> None:
    page = LAYOUTS[layout](Fill(title="Ellerton", main=FORMS[form], head=state(**{"@type": "NewsArticle", "headline": "Ellerton"})))  # fmt: skip
    found = extract(page.encode(), STORY)
    assert found.is_article, found.why
    assert found.body


def test_the_rows_of_a_table_of_figures_are_kept() -> None:
    page = LAYOUTS["wordpress"](Fill(title="Ships by quay", main=FORMS["a table of figures"]))
    body = extract(page.encode(), STORY).body.splitlines()
    assert "Quay | Ships" in body
    assert "Quay 11 | 77" in body


# Live


def entries(markup: str) -> str:
    return "".join(
        markup.format(hour=18 - n, text=f"Ferry number {n} has left the harbour of Ellerton, the harbour master says on the quay.")
        for n in range(9)
    )  # fmt: skip


LIVE = {
    "articles": '<div class="live-blog">' + entries('<article class="live-entry"><time datetime="2026-03-01T{hour}:00:00Z">{hour}:00</time><p>{text}</p></article>') + "</div>",
    "list": '<ol class="timeline">' + entries('<li><span class="time">{hour}:00</span> <p>{text}</p></li>') + "</ol>",
    "paragraphs": entries("<p><strong>{hour}.00 Uhr:</strong> {text}</p>"),
    "headings": entries("<h3>{hour}:00 - Another ferry</h3><p>{text}</p>"),
    "definitions": "<dl>" + entries("<dt>{hour}:00</dt><dd>{text}</dd>") + "</dl>",
}  # fmt: skip


@BOTH
@pytest.mark.parametrize("form", LIVE)
@pytest.mark.parametrize("typed", [True, False])
def test_a_live_blog_keeps_its_entries_in_order_with_their_times(
    layout: str, form: str, typed: bool
) -> None:
    title = "Live: the harbour of Ellerton opens"
    head = state(**{"@type": "LiveBlogPosting", "headline": title}) if typed else ""
    main = (
        f'<h1>{title}</h1><div class="entry-content"><p>{WORDS["en"][2][0]}</p>{LIVE[form]}</div>'
    )
    found = extract(LAYOUTS[layout](Fill(title=title, main=main, head=head)).encode(), STORY)
    assert found.kind == "live"
    assert found.is_article
    places = [found.body.find(f"Ferry number {n} ") for n in range(9)]
    assert -1 not in places
    assert places == sorted(places)
    assert all(f"{hour}:00" in found.body or f"{hour}.00" in found.body for hour in range(10, 19))


# Access


@BOTH
@pytest.mark.parametrize("said", [False, "False", "false"])
def test_the_beginning_of_an_article_for_subscribers_is_marked(layout: str, said: object) -> None:
    title, _, paragraphs, _ = WORDS["en"]
    wall = '<div class="paywall"><h3>Subscribe to continue</h3><p>Already a subscriber? Log in.</p></div>'
    head = state(**{"@type": "NewsArticle", "headline": title, "isAccessibleForFree": said})
    page = LAYOUTS[layout](Fill(title=title, main=story(title, paragraphs[:1]) + wall, head=head))
    found = extract(page.encode(), STORY)
    assert (found.kind, found.free) == ("article", False)
    assert found.body == paragraphs[0]


# What is no article


@BOTH
@IN_ALL
def test_an_error_that_answers_200_is_one(layout: str, language: str) -> None:
    title, text = WORDS[language][3]
    main = f'<section class="error-404 not-found"><h1 class="page-title">{title}</h1><p>{text}</p></section>'
    page = LAYOUTS[layout](Fill(title=title, main=main, language=language, kind="error404"))
    found = extract(page.encode(), STORY)
    assert found.kind == "error", found


@BOTH
def test_an_error_that_shows_the_latest_articles_is_one(layout: str) -> None:
    main = "<h1>404</h1><h2>Page not found</h2><p>Try one of these instead.</p>" + teasers(
        12, WORDS["en"][2][0]
    )
    page = LAYOUTS[layout](Fill(title="Page not found", main=main))
    assert extract(page.encode(), STORY).kind == "error"


HUBS = {
    "/local/": ("Local", teasers(20)),
    "/tag/harbour/": ("harbour", '<h1 class="page-title">Tag: harbour</h1>' + teasers(20)),
    "/author/amara-nwosu/": ("Amara Nwosu", "<h1>Amara Nwosu</h1><p>Amara writes about the sea.</p>" + teasers(20)),
    "/search?q=harbour": ("Search results for harbour", "<h1>Search results for: harbour</h1>" + teasers(20)),
    "/category/news/page/3/": ("News", "<h1>News</h1>" + teasers(20)),
    "/": ("The Ellerton Courier", teasers(20, "What is said of it in a line or two, as a homepage does, for each of the stories of the day.")),
    "/topics/storm": ("Storm", "<h1>Storm</h1>" + teasers(20, "What is said of it in a line or two, as such pages do, for each of the stories of the day.")),
    "/archive/2026/03": ("Archive", "<h1>March 2026</h1><ul>" + "".join(f'<li><a href="/a/{n}">{OTHERS[n % 8]}</a></li>' for n in range(40)) + "</ul>"),
}  # fmt: skip


@BOTH
@pytest.mark.parametrize("path", HUBS)
def test_a_page_of_links_is_one(layout: str, path: str) -> None:
    title, main = HUBS[path]
    page = LAYOUTS[layout](
        Fill(title=title, main=main, head='<meta property="og:type" content="website">')
    )
    found = extract(page.encode(), SITE + path)
    assert not found.is_article, found.body
    assert found.kind in ("hub", "empty")


BANNER = '<div class="cookie-banner"><p>We use cookies. With a subscription fewer.</p></div>'
CARDS = "".join(
    f'<a class="card" href="/a/{n}"><span>Transport</span><strong>{OTHERS[n]}</strong></a>'
    for n in range(2)
)


# Blogger's frame shows a post's date.
@pytest.mark.parametrize("layout", sorted(LAYOUTS.keys() - {"blogger"}))
@pytest.mark.parametrize("below", [f"<div>{CARDS}</div>", ""], ids=["cards", "nothing"])
def test_a_section_with_little_on_it_is_no_article_of_what_stands_beside_it(
    layout: str, below: str
) -> None:
    page = LAYOUTS[layout](Fill(title="Transport", main=f"<h1>Transport</h1>{below}{BANNER}"))
    assert extract(page.encode(), f"{SITE}/desk/transport").kind in ("hub", "empty")


CONSENT = "We and our 842 partners store and access information on your device, such as cookies, and process personal data for personalised advertising, the measurement of advertising and content, and research on audiences. You may accept all of it or manage your choices. "
WALLS = {
    "cloudflare": ("Just a moment...", '<div class="main-wrapper"><h1>courier.example</h1><h2>Checking if the site connection is secure</h2><p>courier.example needs to review the security of your connection before proceeding.</p></div>'),
    "cloudflare human": ("Just a moment...", "<h1>courier.example</h1><p>Verify you are human by completing the action below.</p><p>courier.example needs to review the security of your connection before proceeding.</p>"),
    "akamai": ("Access Denied", "<H1>Access Denied</H1> You don't have permission to access \"http://courier.example/a\" on this server.<P>Reference #18.2d6f1502.1761</P>"),
    "datadome": ("courier.example", "<p id='cmsg'>Please enable JS and disable any ad blocker</p>"),
    "perimeterx": ("Access to this page has been denied", "<h1>Press &amp; Hold to confirm you are a human (and not a bot).</h1><p>Reference ID 1</p>"),
    "imperva": ("Pardon Our Interruption", "<h1>Pardon Our Interruption...</h1><p>As you were browsing something about your browser made us think you were a bot. There are a few reasons this might happen: you are a power user moving through this website with super-human speed, you have disabled cookies in your web browser, or a third-party browser plugin is preventing JavaScript from running.</p>"),
    "captcha": ("Are you a robot?", "<h1>Are you a robot?</h1><p>Please type the letters you see in the image below to continue.</p>"),
    "consent": ("The Ellerton Courier - Consent", f"<h1>We value your privacy</h1><p>{CONSENT * 4}</p><p>{CONSENT}</p>"),
    "consent google": ("Before you continue", f"<h1>Before you continue to the Courier</h1><p>We use cookies and data to</p><ul><li>Deliver and maintain services</li><li>Track outages and protect against spam</li></ul><p>{CONSENT * 4}</p>"),
    "consent german": ("Zustimmung erforderlich", "<h1>Mit Werbung weiterlesen</h1><p>Besuchen Sie uns wie gewohnt mit Werbung und Cookies. Details zu Werbe- und Analyse-Trackern sowie zum jederzeit möglichen Widerruf finden Sie in unserer Datenschutzerklärung oder im Privacy Center am Ende jeder Seite.</p>" * 3),
    "consent french": ("Le Courrier", "<h1>Avant de continuer</h1><p>Avec votre accord, nos partenaires et nous utilisons des cookies ou technologies similaires pour stocker et accéder à des informations personnelles comme votre visite sur ce site.</p>" * 3),
    "russian": ("Доступ ограничен", "<h1>Вы не робот?</h1><p>Подтвердите, что запросы отправляли вы, а не робот.</p>"),
    "chinese": ("安全验证", "<h1>安全验证</h1><p>请完成验证后继续访问。</p>"),
    "arabic": ("لحظة من فضلك", "<h1>courier.example</h1><p>تحقق من أنك لست روبوت قبل المتابعة إلى الموقع.</p>"),
    "login": ("Log in", '<h1>Log in</h1><form><input name="email"><input type="password"></form><p>Forgot your password? Register now.</p>'),
}  # fmt: skip


@pytest.mark.parametrize("wall", WALLS)
def test_a_wall_before_a_page_is_one(wall: str) -> None:
    title, main = WALLS[wall]
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{main}</body></html>"
    found = extract(page.encode(), STORY)
    assert found.kind in ("wall", "empty"), found


MEDIA = {
    ("gallery", "/gallery/harbour"): '<h1>The harbour in pictures</h1><div class="gallery">' + '<figure><img src="/1.jpg"><figcaption>A ferry leaves the harbour at dawn</figcaption></figure>' * 12 + "</div>",
    ("video", "/video/harbour-opens"): '<h1>Harbour opens</h1><div class="player"><video src="/1.mp4"></video></div><p class="duration">02:13</p>',
    ("video", "/podcasts/harbour-42"): '<h1>Harbour talk, part 42</h1><audio src="/1.mp3"></audio><p>32 min</p>',
}  # fmt: skip


@BOTH
@pytest.mark.parametrize(("kind", "path"), MEDIA)
def test_pictures_and_recordings_without_a_text_are_no_articles(
    layout: str, kind: str, path: str
) -> None:
    page = LAYOUTS[layout](Fill(title="Harbour", main=MEDIA[kind, path]))
    found = extract(page.encode(), SITE + path)
    assert not found.is_article, found.body
    assert found.kind in (kind, "empty")


@BOTH
@pytest.mark.parametrize("path", ["/gallery/harbour", "/video/harbour-opens"])
def test_with_a_text_they_are(layout: str, path: str) -> None:
    title, _, paragraphs, _ = WORDS["en"]
    main = '<div class="player"><video src="/1.mp4"></video></div>' + story(title, paragraphs)
    found = extract(LAYOUTS[layout](Fill(title=title, main=main)).encode(), SITE + path)
    assert found.is_article, found.why
    assert found.body.splitlines() == paragraphs


NOTICES = {
    "About us": "The Ellerton Courier was founded in 1887 by fishermen who could read. It comes out six days a week and is owned by its readers, who elect the editor every four years at the fish market.",
    "Impressum": "Angaben gemäß § 5 DDG. Ellerton Courier Verlag GmbH, Hafenstraße 1, 20457 Ellerton. Geschäftsführer: Amara Nwosu. Registergericht Ellerton, HRB 1887. Verantwortlich für den Inhalt ist die Redaktion.",
    "Privacy Policy": "This policy says which data we keep of you, why we keep them, for how long, and whom to ask. We keep as little as we can, for as short a time as we can, and we sell none of it to anybody.",
    "Mentions légales": "Le site est édité par la société Courrier d'Ellerton, au capital de 1887 euros, dont le siège social se trouve au port. Directrice de la publication : Amara Nwosu. Hébergeur : le phare.",
    "من نحن": "تأسست الصحيفة عام 1887 على يد صيادين يعرفون القراءة، وتصدر ستة أيام في الأسبوع ويملكها قراؤها الذين ينتخبون رئيس التحرير كل أربع سنوات.",
}  # fmt: skip


@BOTH
@pytest.mark.parametrize("title", NOTICES)
def test_what_a_site_says_of_itself_is_no_article(layout: str, title: str) -> None:
    page = LAYOUTS[layout](Fill(title=title, main=story(title, [NOTICES[title]] * 2)))
    found = extract(page.encode(), f"{SITE}/page-12")
    assert found.kind == "notice", found


# Nothing of this costs an article


@pytest.mark.parametrize("cases", ["aeb", "fundus_pub"])
def test_every_labelled_article_is_one(shared: Path, cases: str) -> None:
    folder = shared / "eval" / "cases" / cases
    refused = []
    for line in (folder / "labels.jsonl").open(encoding="utf8"):
        label = json.loads(line)
        html = gzip.decompress((folder / "pages" / label["page"]).read_bytes())
        found = extract(html, label["url"])
        if not found.is_article or not found.title:
            refused.append((label["url"], found.kind, found.why))
    assert refused == []
