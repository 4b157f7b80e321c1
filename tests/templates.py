"""Texts that are written from a template each day: the same sentences, another number, day or name.

Written for this test. In a template ``{n}`` is a number of two or three digits, ``{d}`` a decimal,
``{t}`` a time, ``{day}``, ``{city}``, ``{name}`` and ``{team}`` come from the language's lists.
"""

import random
from collections.abc import Iterator

WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "day": ("Monday", "Tuesday", "Thursday", "Friday", "Saturday"),
        "city": ("Leeds", "Bristol", "Norwich", "Dundee", "Swansea", "Exeter", "York"),
        "name": ("John Miller", "Mary Whitfield", "Harold Price", "Agnes Boyle", "Peter Lang"),
        "team": ("Rovers", "United", "Athletic", "Wanderers", "Albion"),
    },
    "de": {
        "day": ("Montag", "Dienstag", "Donnerstag", "Freitag", "Samstag"),
        "city": ("Kassel", "Lübeck", "Passau", "Erfurt", "Trier", "Bremen"),
        "name": ("Hans Krüger", "Erna Vogt", "Karl Lindner", "Ilse Brandt", "Otto Reimann"),
        "team": ("die Eintracht", "der Turnverein", "Fortuna", "Viktoria", "die Spielvereinigung"),
    },
    "ar": {
        "day": ("الإثنين", "الثلاثاء", "الخميس", "الجمعة", "السبت"),
        "city": ("القاهرة", "الإسكندرية", "أسوان", "طنطا", "المنصورة", "بورسعيد"),
        "name": ("محمود السيد", "فاطمة حسن", "إبراهيم منصور", "سعاد خليل", "يوسف عطية"),
        "team": ("الأهلي", "الزمالك", "الإسماعيلي", "الاتحاد", "المصري"),
    },
    "tr": {
        "day": ("pazartesi", "salı", "perşembe", "cuma", "cumartesi"),
        "city": ("Ankara", "İzmir", "Bursa", "Konya", "Trabzon", "Adana"),
        "name": ("Ahmet Yılmaz", "Ayşe Demir", "Hasan Kaya", "Emine Şahin", "Mustafa Aydın"),
        "team": ("Göztepe", "Samsunspor", "Kayserispor", "Sivasspor", "Konyaspor"),
    },
    "fa": {
        "day": ("دوشنبه", "سه‌شنبه", "پنجشنبه", "جمعه", "شنبه"),
        "city": ("تهران", "شیراز", "تبریز", "مشهد", "اصفهان", "کرمان"),
        "name": ("علی رضایی", "مریم کریمی", "حسین احمدی", "زهرا موسوی", "رضا قاسمی"),
        "team": ("پرسپولیس", "استقلال", "سپاهان", "تراکتور", "فولاد"),
    },
    "zh": {
        "day": ("星期一", "星期二", "星期四", "星期五", "星期六"),
        "city": ("北京", "上海", "广州", "成都", "武汉", "西安"),
        "name": ("王建国", "李秀英", "张志强", "刘桂兰", "陈永福"),
        "team": ("国安队", "申花队", "泰山队", "蓉城队", "海港队"),
    },
}

TEMPLATES: dict[str, dict[str, str]] = {
    "en": {
        "weather": "{day} in {city} will be mostly cloudy with highs of {n} degrees.\nThe wind will reach {n} kilometres an hour in the afternoon, with gusts of up to {n} on the coast. The chance of rain is {n} per cent.\nAt night the temperature will fall to {n} degrees.\nThe outlook is for more of the same until the weekend. The forecast is updated every six hours; for warnings see the pages of the weather service.",
        "markets": "The leading index closed at {n}{n}.{n} points on {day}, a change of {d} per cent.\nAmong the winners were shares of {team} Holdings, which rose {d} per cent to {d} pounds. Banks gave up {d} per cent.\nA barrel of Brent crude cost {d} dollars in the evening, an ounce of gold {n}{n} dollars.\nThe pound stood at {d} dollars. Figures are delayed by fifteen minutes and are no advice to buy or to sell.",
        "match": "{team} beat {team} by {n} to {n} in {city} on {day} in front of {n}{n} spectators.\n{name} opened the score in minute {n} after a corner. {name} made it two in minute {n}.\nThe guests had {n} per cent of the ball and {n} shots on goal.\nThe two sides meet again in the return leg in spring. Tickets are sold at the club's office and on the usual pages.",
        "obituary": "{name}, {n}, of {city}, died on {day} after a short illness.\nBorn in {city} in 19{n}, the deceased worked for {n} years at the post office and was a member of the choir.\nVisitation is at the funeral home on {day} from {t}. The service follows at {t} at St Mary's Church.\nInstead of flowers the family asks for gifts to the hospice. Condolences may be left in the online guest book.",
        "traffic": "A crash on the A{n} near {city} has closed two lanes since {t}.\nPolice said that {n} vehicles were involved and {n} people were hurt. Traffic is backed up for {n} kilometres.\nDrivers are asked to leave the motorway at junction {n}.\nThe lanes are expected to open again at {t}. This report was made from data of the traffic centre without human intervention.",
        "earthquake": "An earthquake of magnitude {d} struck {n} kilometres from {city} at {t} on {day}, the survey said.\nIts depth was {n} kilometres. In the past ten days there were {n} earthquakes of magnitude three or more nearby.\nThis report was made by an algorithm from data of the geological survey. Readers who felt the tremor may tell the survey by a form on its pages.",
        "prayer": "Prayer times for {city} on {day}:\nFajr {t}\nSunrise {t}\nDhuhr {t}\nAsr {t}\nMaghrib {t}\nIsha {t}\nThe times are calculated by the method of the Muslim World League and may differ by a minute or two from those of your mosque.",
    },
    "de": {
        "weather": "Am {day} ist es in {city} wechselnd bewölkt bei höchstens {n} Grad.\nDer Wind weht mäßig aus West mit Böen bis {n} Kilometer pro Stunde. Die Regenwahrscheinlichkeit liegt bei {n} Prozent.\nIn der Nacht kühlt es auf {n} Grad ab.\nBis zum Wochenende ändert sich wenig. Die Vorhersage wird alle sechs Stunden erneuert, Warnungen gibt der Wetterdienst heraus.",
        "markets": "Der Leitindex schloss am {day} bei {n}{n},{n} Punkten und damit {d} Prozent anders als am Vortag.\nGefragt waren Papiere von {name}, die um {d} Prozent auf {d} Euro stiegen. Banken verloren {d} Prozent.\nEin Fass der Sorte Brent kostete am Abend {d} Dollar, der Euro {d} Dollar.\nDie Angaben sind um fünfzehn Minuten verzögert und stellen keine Empfehlung zum Kauf oder Verkauf dar.",
        "match": "Mit {n}:{n} hat sich {team} am {day} in {city} gegen {team} durchgesetzt.\nVor {n}{n} Zuschauern traf {name} in der {n}. Minute zur Führung, {name} erhöhte in der {n}. Minute.\nDie Gäste kamen auf {n} Prozent Ballbesitz und {n} Torschüsse.\nDas Rückspiel findet im Frühjahr statt. Karten gibt es in der Geschäftsstelle und an den bekannten Vorverkaufsstellen.",
        "police": "In {city} ist am {day} gegen {t} Uhr ein {n}-jähriger Radfahrer von einem Auto erfasst worden.\nDer {n} Jahre alte Fahrer hatte ihn beim Abbiegen übersehen. Der Radfahrer kam leicht verletzt ins Krankenhaus.\nEs entstand ein Schaden von {n}{n} Euro.\nZeugen werden gebeten, sich bei der Polizei unter der Nummer {n}{n}{n} zu melden. Die Ermittlungen zum Hergang dauern an.",
        "lottery": "Am {day} wurden beim Lotto diese Zahlen gezogen: {n}, {n}, {n}, {n}, {n} und {n}.\nDie Superzahl lautet {n}. Im Jackpot liegen {n} Millionen Euro.\nDie Chance auf sechs Richtige mit Superzahl liegt bei eins zu 140 Millionen.\nAlle Angaben sind ohne Gewähr. Glücksspiel kann süchtig machen, Hilfe gibt es bei der Bundeszentrale für gesundheitliche Aufklärung.",
    },
    "ar": {
        "weather": "تتوقع هيئة الأرصاد الجوية أن يسود يوم {day} طقس حار نهارا على {city}.\nوتصل درجة الحرارة العظمى إلى {n} درجة والصغرى إلى {n} درجة. وتبلغ سرعة الرياح {n} كيلومترا في الساعة.\nوتصل نسبة الرطوبة إلى {n} في المئة.\nونصحت الهيئة المواطنين بتجنب التعرض المباشر لأشعة الشمس وشرب السوائل بكثرة خلال ساعات الظهيرة.",
        "prayer": "مواقيت الصلاة اليوم {day} في {city}:\nالفجر {t}\nالشروق {t}\nالظهر {t}\nالعصر {t}\nالمغرب {t}\nالعشاء {t}\nوتنشر الصحيفة مواقيت الصلاة يوميا وفقا للتوقيت المحلي بحسب بيانات هيئة المساحة مع مراعاة فروق التوقيت بين المحافظات.",
        "markets": "سجل سعر الدولار اليوم {day} في البنوك {d} جنيه للشراء و{d} جنيه للبيع.\nوبلغ سعر اليورو {d} جنيه للشراء و{d} جنيه للبيع. وسجل الريال السعودي {d} جنيه.\nوسجل جرام الذهب عيار 21 نحو {n}{n} جنيه، وعيار 18 نحو {n}{n} جنيه.\nوتتغير الأسعار على مدار اليوم وفقا لحركة العرض والطلب في الأسواق المحلية والعالمية.",
        "match": "فاز فريق {team} على فريق {team} بنتيجة {n}-{n} في المباراة التي أقيمت يوم {day} في {city}.\nوسجل {name} الهدف الأول في الدقيقة {n}، وأضاف {name} الهدف الثاني في الدقيقة {n}.\nورفع الفريق رصيده إلى {n} نقطة في المركز {n}.\nوتقام مباريات الجولة المقبلة من الدوري الأسبوع القادم بعد انتهاء فترة التوقف الدولي.",
        "obituary": "توفي إلى رحمة الله تعالى يوم {day} {name} من أهالي {city} عن عمر ناهز {n} عاما.\nوتقام صلاة الجنازة بعد صلاة العصر في المسجد الكبير. ويقام العزاء في دار المناسبات من الساعة {t}.\nوالفقيد والد {name}.\nتتقدم أسرة الصحيفة بخالص العزاء إلى أسرة الفقيد داعين الله أن يتغمده بواسع رحمته ويسكنه فسيح جناته.",
        "names": "قتل مدني وأصيب آخرون بجروح في قصف استهدف أطراف {city} يوم {day}، بحسب مصادر محلية.\nوقال {name}، وهو من سكان المدينة، إن القصف أصاب منزلا في الحي الشرقي.\nوأضافت المصادر أن فرق الإسعاف نقلت المصابين إلى المستشفى القريب.\nولم تعلن أي جهة مسؤوليتها عن القصف حتى لحظة نشر هذا الخبر.",
    },
    "tr": {
        "weather": "{city} için {day} günü hava parçalı bulutlu, en yüksek sıcaklık {n} derece olacak.\nRüzgar saatte {n} kilometre hızla esecek, yağış ihtimali yüzde {n}. Gece sıcaklık {n} dereceye düşecek.\nHafta sonuna kadar önemli bir değişiklik beklenmiyor. Tahminler altı saatte bir yenileniyor, uyarılar Meteoroloji Genel Müdürlüğünün sayfalarında yayımlanıyor.",
        "earthquake": "{city} açıklarında saat {t} sıralarında {d} büyüklüğünde deprem meydana geldi.\nDeprem {n} kilometre derinlikte kaydedildi. Merkez üssü kıyıya {n} kilometre uzaklıkta.\nSon on günde bölgede {n} deprem oldu.\nİlk belirlemelere göre can ve mal kaybı yok. Gelişmeler aktarıldıkça haberimiz güncellenecek, resmi açıklamaları AFAD sayfalarından izleyebilirsiniz.",
        "markets": "Borsa günü {n}{n},{n} puandan, yüzde {d} değişimle kapattı.\nDolar {d} liradan, euro {d} liradan işlem gördü. Gram altın {n}{n} lira oldu.\nBankacılık endeksi yüzde {d} değer kaybetti.\nBurada yer alan bilgi, yorum ve tavsiyeler yatırım danışmanlığı kapsamında değildir; veriler on beş dakika gecikmelidir.",
        "match": "{team} sahasında {team} takımını {n}-{n} yendi.\nMaçın ilk golünü {n}. dakikada {name} attı, {n}. dakikada {name} farkı ikiye çıkardı.\nMaçı {n}{n} seyirci izledi. Bu sonuçla ev sahibi puanını {n} yaptı.\nGelecek hafta lige milli ara nedeniyle maç oynanmayacak, takımlar hazırlıklarını kendi tesislerinde sürdürecek.",
    },
    "fa": {
        "weather": "سازمان هواشناسی اعلام کرد هوای {city} روز {day} نیمه ابری خواهد بود.\nبیشینه دما {n} درجه و کمینه دما {n} درجه پیش‌بینی می‌شود. سرعت باد به {n} کیلومتر در ساعت می‌رسد.\nاحتمال بارش {n} درصد است.\nشهروندان می‌توانند هشدارهای هواشناسی را در صفحه رسمی سازمان دنبال کنند و از تردد غیرضروری در ارتفاعات خودداری کنند.",
        "earthquake": "زمین‌لرزه‌ای به بزرگی {d} ساعت {t} روز {day} حوالی {city} را لرزاند.\nاین زمین‌لرزه در عمق {n} کیلومتری زمین رخ داد. کانون آن در {n} کیلومتری شهر بود.\nدر ده روز گذشته {n} زمین‌لرزه در این منطقه ثبت شده است.\nتاکنون گزارشی از خسارت احتمالی دریافت نشده است و تیم‌های ارزیاب به منطقه اعزام شده‌اند.",
        "markets": "قیمت دلار در بازار آزاد روز {day} به {n}{n} تومان رسید.\nهر یورو {n}{n} تومان معامله شد. قیمت سکه تمام بهار آزادی {n} میلیون و {n} هزار تومان بود.\nشاخص کل بورس {d} درصد تغییر کرد.\nقیمت‌ها بر پایه داده‌های بازار اعلام می‌شود و در طول روز با توجه به عرضه و تقاضا تغییر می‌کند.",
        "match": "تیم {team} در دیداری در {city} تیم {team} را {n} بر {n} شکست داد.\n{name} در دقیقه {n} گل نخست را زد و {name} در دقیقه {n} کار را تمام کرد.\nبا این نتیجه تیم میزبان {n} امتیازی شد.\nدیدارهای هفته آینده لیگ برتر پس از پایان بازی‌های ملی در شهرهای مختلف کشور برگزار خواهد شد.",
    },
    "zh": {
        "weather": "据中央气象台消息，{day}{city}多云，最高气温{n}度。\n午后有{n}级偏北风，降水概率为百分之{n}。夜间最低气温{n}度。\n预计到周末天气变化不大。\n气象部门提醒市民外出注意防晒，及时补充水分，最新预警信息请关注气象台官方网站和手机客户端。",
        "markets": "{day}收盘，沪指报{n}{n}.{n}点，变动百分之{d}。\n深成指报{n}{n}{n}点，成交额{n}{n}亿元。银行板块下跌百分之{d}。\n人民币对美元汇率中间价报{d}元。\n本报道由系统根据公开数据自动生成，不构成任何投资建议，投资者据此操作，风险由投资者自行承担。",
        "earthquake": "中国地震台网正式测定，{day}{t}在{city}附近发生{d}级地震，震源深度{n}公里。\n震中距离市区{n}公里。近十天内该地区共发生三级以上地震{n}次。\n目前尚未收到人员伤亡和财产损失的报告。\n当地应急管理部门已经启动应急响应，派出工作组赶赴震中开展灾情核查工作。",
        "match": "{day}晚，{team}主场以{n}比{n}战胜{team}，现场观众{n}{n}人。\n第{n}分钟，{name}打入首球。第{n}分钟，{name}扩大比分。\n此役过后，主队积分达到{n}分，排名第{n}位。\n下一轮联赛将在国际比赛日之后进行，各队将利用间歇期调整状态并进行体能训练。",
    },
}


def fill(language: str, kind: str, rng: random.Random) -> str:
    """Return a template filled in."""
    words = WORDS[language]
    filled = TEMPLATES[language][kind]
    made = {
        "{n}": lambda: str(rng.randrange(10, 100)),
        "{d}": lambda: f"{rng.randrange(1, 90)}.{rng.randrange(10, 100)}",
        "{t}": lambda: f"{rng.randrange(1, 24)}:{rng.randrange(10, 60)}",
        **{f"{{{name}}}": (lambda of=of: rng.choice(of)) for name, of in words.items()},
    }
    for slot, value in made.items():
        while slot in filled:
            filled = filled.replace(slot, value(), 1)
    return filled


def families(seed: int, size: int = 4) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield each template's name with so many articles (title, body) that are written from it."""
    rng = random.Random(seed)
    for language, kinds in TEMPLATES.items():
        for kind in kinds:
            bodies = [fill(language, kind, rng) for _ in range(size)]
            yield f"{language} {kind}", [(body.splitlines()[0][:60], body) for body in bodies]
