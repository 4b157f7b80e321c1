"""Reports made up for this project: pairs that tell of one event in other words, and pairs that do not.

Each is a language, a headline and a text. ``SAME`` are two reports of one event by two newsrooms;
``OTHER`` are two events of one kind, as newsrooms tell of them day by day.
"""

Report = tuple[str, str, str]

SAME: dict[str, tuple[Report, Report]] = {
    "ferry": (
        (
            "en",
            "Ferry with 212 aboard runs aground off Skerrow Island",
            (
                "A passenger ferry carrying 212 people struck rocks off Skerrow Island early on Tuesday, the "
                "Marrowdale coastguard said. The MV Halloran had left Portvenna shortly after five in thick fog. "
                "Two lifeboats and a helicopter from Tarn Head brought everybody ashore by nine; fourteen were "
                "taken to hospital with hypothermia. Captain Ines Corvalho told reporters that the radar had "
                "failed minutes before. The operator, Northsound Lines, has withdrawn the Halloran's sister ship "
                "until its instruments are inspected. Investigators of the maritime accident branch are to board "
                "the stranded vessel at low tide."
            ),
        ),
        (
            "en",
            "All rescued after Halloran hits rocks near Skerrow in fog",
            (
                "Everyone on board the Northsound Lines vessel Halloran was brought to safety after it went onto "
                "rocks at Skerrow on Tuesday morning. Lifeboat crews from Portvenna and Tarn Head worked for "
                "three hours in dense fog to take 212 passengers and crew off the ferry, said the Marrowdale "
                "coastguard; 14 people suffered hypothermia. Radar trouble is thought to be behind the "
                "grounding, captain Corvalho indicated. Accident investigators will go aboard when the tide is "
                "out, and the company is keeping its other ferry in harbour meanwhile."
            ),
        ),
    ),
    "ceasefire": (
        (
            "ar",
            "الاتفاق على هدنة لمدة 72 ساعة في مدينة الرستن برعاية أممية",
            (
                "أعلن المبعوث الأممي كارل ليندغرين مساء الأحد التوصل إلى هدنة إنسانية مدتها 72 ساعة في مدينة الرستن شمالي حمص، "
                "تبدأ فجر الثلاثاء. وقال ليندغرين في مؤتمر صحفي بجنيف إن قوافل الهلال الأحمر ستدخل المدينة المحاصرة محملة بالدقيق "
                "والأدوية، وإن 340 جريحا سيجري إجلاؤهم إلى مشافي حماة. ورحب المجلس المحلي بالاتفاق، وطالب رئيسه فواز الدرويش "
                "بضمانات تمنع تكرار خرق الهدنة السابقة التي انهارت في آذار بعد تسع ساعات من سريانها. ومن المقرر أن يراقب التنفيذ "
                "فريق من عشرين مراقبا غير مسلح."
            ),
        ),
        (
            "ar",
            "ليندغرين: هدنة في الرستن تبدأ الثلاثاء وإجلاء 340 جريحا",
            (
                "تدخل هدنة إنسانية حيز التنفيذ في الرستن بريف حمص الشمالي فجر الثلاثاء وتستمر 72 ساعة، بحسب ما أفاد به المبعوث "
                "كارل ليندغرين من جنيف. ويشمل الاتفاق إجلاء 340 جريحا نحو مشافي حماة ودخول قوافل للهلال الأحمر تحمل الدقيق والأدوية "
                "إلى الأهالي المحاصرين. وأبدى فواز الدرويش رئيس المجلس المحلي تخوفه من انهيار الهدنة كما حدث في آذار الماضي حين خرقت "
                "بعد ساعات، فيما سينتشر مراقبون غير مسلحين للتحقق من الالتزام."
            ),
        ),
    ),
    "merger": (
        (
            "de",
            "Brennhagen-Werke übernehmen Konkurrenten Tolvig für 1,8 Milliarden Euro",
            (
                "Der Turbinenbauer Brennhagen kauft den dänischen Wettbewerber Tolvig. Für 1,8 Milliarden Euro sollen "
                "sämtliche Aktien der Familie Rasmussen den Besitzer wechseln, teilten beide Unternehmen am Mittwoch in "
                "Kiel mit. Vorstandschefin Almut Görgens sprach von einem Meilenstein; Stellen sollen bis 2028 nicht "
                "gestrichen werden. Die IG Metall zeigte sich skeptisch. Das Bundeskartellamt muss dem Zusammenschluss "
                "noch zustimmen. Tolvig beschäftigt in Aarhus und Esbjerg 4300 Menschen und baut vor allem Rotorblätter."
            ),
        ),
        (
            "de",
            "Milliardenkauf in der Windbranche: Tolvig geht an Brennhagen",
            (
                "In der Windbranche steht ein großer Zusammenschluss bevor: Die Kieler Brennhagen-Werke wollen den "
                "Rotorblatthersteller Tolvig aus Aarhus schlucken und zahlen der Eigentümerfamilie Rasmussen dafür 1,8 "
                "Milliarden Euro. Das gab Brennhagen-Chefin Almut Görgens am Mittwoch bekannt. Für die 4300 Beschäftigten "
                "von Tolvig, die meisten davon in Aarhus und Esbjerg, gelte eine Jobgarantie bis 2028. Das Kartellamt "
                "prüft. Gewerkschafter der IG Metall warnten vor Doppelstrukturen beim Turbinenbau."
            ),
        ),
    ),
    "mine": (
        (
            "tr",
            "Kozluca'da maden ocağında göçük: 6 işçi yaralı kurtarıldı",
            (
                "Zonguldak'ın Kozluca beldesindeki taş kömürü ocağında dün gece meydana gelen göçükte mahsur kalan 6 işçi, on bir "
                "saat süren çalışmayla yaralı olarak kurtarıldı. Vali Sedat Akbulak, eksi 310 kotunda çalışan ekibin tahkimatın "
                "çökmesi sonucu mahsur kaldığını söyledi. Yaralılar Bülent Ecevit Üniversitesi Hastanesi'ne kaldırıldı. Ocağı "
                "işleten Karaelmas Madencilik hakkında soruşturma açıldı; Maden-İş Sendikası başkanı Nurettin Çakıcı, geçen ay "
                "verilen iki uyarının dikkate alınmadığını öne sürdü."
            ),
        ),
        (
            "tr",
            "Göçük altındaki altı madenci on bir saat sonra gün yüzüne çıktı",
            (
                "Kozluca'daki taş kömürü ocağında göçük altında kalan 6 madenci kurtarma ekiplerince sağ çıkarıldı. Zonguldak Valisi "
                "Akbulak, tahkimatın eksi 310 kotunda çöktüğünü, yaralı işçilerin üniversite hastanesinde tedavi altına alındığını "
                "bildirdi. Savcılık, Karaelmas Madencilik yetkilileri için soruşturma başlattı. Maden-İş başkanı Çakıcı ise ocakla "
                "ilgili uyarıların göz ardı edildiğini savundu."
            ),
        ),
    ),
    "verdict": (
        (
            "es",
            "Condenan a nueve años al exalcalde de Vallehondo por el caso Acuario",
            (
                "La Audiencia de Peñalara condenó este jueves a nueve años de prisión a Evaristo Quintanal, alcalde de Vallehondo "
                "entre 2009 y 2017, por malversación y cohecho en la construcción del acuario municipal. El tribunal da por probado "
                "que la constructora Ferrandis pagó 2,4 millones de euros a través de una sociedad panameña. También fue condenada la "
                "interventora Remedios Bascuñana, a cuatro años. La defensa de Quintanal anunció que recurrirá al Supremo."
            ),
        ),
        (
            "es",
            "Quintanal, a prisión: el tribunal ve probado el cohecho en el acuario de Vallehondo",
            (
                "Nueve años de cárcel para Evaristo Quintanal. La Audiencia de Peñalara considera que el exalcalde de Vallehondo cobró "
                "2,4 millones de euros de la constructora Ferrandis a cambio de adjudicarle el acuario municipal, y le atribuye "
                "malversación y cohecho. La sentencia, conocida este jueves, impone cuatro años a la entonces interventora, Remedios "
                "Bascuñana. El dinero llegó por medio de una sociedad panameña. Sus abogados acudirán al Supremo."
            ),
        ),
    ),
    "launch": (
        (
            "ru",
            "Спутник «Верхоянск-4» потерян через девять минут после старта с Плесецка",
            (
                "Ракета-носитель «Ангара» не смогла вывести на орбиту спутник связи «Верхоянск-4», запущенный в пятницу с космодрома "
                "Плесецк. По данным госкомиссии, разгонный блок отключился на 547-й секунде полёта, обломки упали в Карском море. Глава "
                "комиссии Тимофей Ярославцев назвал предварительной причиной отказ клапана. Стоимость аппарата, построенного в "
                "Железногорске, оценивается в 6,2 миллиарда рублей; он был застрахован."
            ),
        ),
        (
            "ru",
            "Авария «Ангары»: обломки «Верхоянска-4» упали в Карское море",
            (
                "Запуск спутника «Верхоянск-4» завершился аварией: на 547-й секунде отключился разгонный блок «Ангары», стартовавшей в "
                "пятницу с Плесецка, и аппарат рухнул в Карское море. Отказал клапан, считает руководитель госкомиссии Ярославцев. "
                "Железногорские конструкторы строили спутник связи пять лет, страховая сумма превышает 6 миллиардов рублей."
            ),
        ),
    ),
}

OTHER: dict[str, tuple[Report, Report]] = {
    "two matches of one team": (
        (
            "en",
            "Marrowdale United beat Portvenna 3-1 to go top of the league",
            (
                "Marrowdale United went top of the league on Saturday with a 3-1 win over Portvenna Rovers. Striker Danny "
                "Oyelaran scored twice in the first half before a header by captain Luke Trask. Portvenna pulled one back from "
                "the penalty spot in the 78th minute. Manager Rob Hesketh praised his defence and the 24,118 fans. United "
                "have now won five league matches in a row and travel to the capital on Tuesday."
            ),
        ),
        (
            "en",
            "Marrowdale United held 0-0 by Castleford in the cup",
            (
                "Marrowdale United were held to a goalless draw by second-division Castleford in the cup on Tuesday. Striker "
                "Danny Oyelaran hit the post after 12 minutes and captain Luke Trask went off injured. Manager Rob Hesketh, who "
                "changed seven of his team, called the pitch a disgrace. The replay is on Wednesday week. Castleford's keeper "
                "Adam Novak made nine saves before 6,240 fans."
            ),
        ),
    ),
    "two days of one market": (
        (
            "de",
            "Dax schließt leicht im Plus – Autowerte gefragt",
            (
                "Der deutsche Aktienmarkt hat am Montag leicht zugelegt. Der Dax gewann bis zum Handelsschluss 0,4 Prozent auf "
                "18.432 Punkte, der MDax stieg um 0,7 Prozent. Gefragt waren Autowerte, nachdem mehrere Analysten ihre Kursziele "
                "angehoben hatten. Der Euro notierte bei 1,0871 Dollar. An den Rohstoffmärkten verbilligte sich Öl der Sorte "
                "Brent auf 81,20 Dollar. Die Umlaufrendite lag bei 2,41 Prozent. Händler sprachen von dünnen Umsätzen."
            ),
        ),
        (
            "de",
            "Dax gibt nach – Zinssorgen belasten Technologiewerte",
            (
                "Der deutsche Aktienmarkt hat am Dienstag nachgegeben. Der Dax verlor bis zum Handelsschluss 1,1 Prozent auf "
                "18.229 Punkte, der MDax fiel um 1,3 Prozent. Unter Druck standen Technologiewerte, nachdem die Notenbank höhere "
                "Zinsen angedeutet hatte. Der Euro notierte bei 1,0824 Dollar. An den Rohstoffmärkten verteuerte sich Öl der Sorte "
                "Brent auf 82,75 Dollar. Die Umlaufrendite stieg auf 2,49 Prozent. Händler sprachen von Gewinnmitnahmen."
            ),
        ),
    ),
    "the weather of two days": (
        (
            "ar",
            "الأرصاد: طقس حار غدا والعظمى في دمشق 38 درجة",
            (
                "توقعت المديرية العامة للأرصاد الجوية أن يكون الطقس غدا الاثنين حارا وصحوا بشكل عام، مع ارتفاع درجات الحرارة لتصبح أعلى "
                "من معدلاتها بنحو 4 درجات. وتبلغ العظمى في دمشق 38 وفي حلب 39 وفي اللاذقية 32 وفي دير الزور 43 درجة. والرياح غربية إلى "
                "شمالية غربية معتدلة السرعة، والبحر خفيف ارتفاع الموج. وحذرت من التعرض المباشر لأشعة الشمس."
            ),
        ),
        (
            "ar",
            "الأرصاد: انخفاض الحرارة غدا وأمطار متفرقة على الساحل",
            (
                "توقعت المديرية العامة للأرصاد الجوية أن يكون الطقس غدا الأربعاء غائما جزئيا بشكل عام، مع انخفاض درجات الحرارة لتصبح أدنى "
                "من معدلاتها بنحو 3 درجات. وتبلغ العظمى في دمشق 29 وفي حلب 28 وفي اللاذقية 26 وفي دير الزور 33 درجة. والرياح غربية "
                "نشطة السرعة، والبحر متوسط ارتفاع الموج. وتهطل أمطار متفرقة على الساحل."
            ),
        ),
    ),
    "two trials in one court": (
        (
            "es",
            "La Audiencia de Peñalara absuelve al conductor del autobús de Robledal",
            (
                "La Audiencia de Peñalara absolvió este jueves a Julián Arrospide, el conductor del autobús que volcó en Robledal en "
                "2021, accidente en el que murieron tres personas. El tribunal atribuye el siniestro a un reventón y no a exceso de "
                "velocidad. La fiscalía pedía cuatro años de prisión por homicidio imprudente. La acusación anunció que recurrirá."
            ),
        ),
        (
            "es",
            "Condenan a nueve años al exalcalde de Vallehondo por el caso Acuario",
            (
                "La Audiencia de Peñalara condenó este jueves a nueve años de prisión a Evaristo Quintanal, alcalde de Vallehondo "
                "entre 2009 y 2017, por malversación y cohecho en la construcción del acuario municipal. El tribunal da por probado "
                "que la constructora Ferrandis pagó 2,4 millones de euros a través de una sociedad panameña. La defensa recurrirá."
            ),
        ),
    ),
    "two deaths of one day": (
        (
            "en",
            "Tributes paid to jazz pianist Wendell Ashcombe, who has died at 87",
            (
                "Tributes have been paid to the jazz pianist Wendell Ashcombe, who has died aged 87. Born in Tarn Head in 1937, he "
                "recorded more than forty albums and taught at the Royal Conservatory for two decades. His family said he died "
                "peacefully at home on Sunday. He is survived by his wife, Maud, and three children. A memorial will be held in the "
                "spring, and donations are asked for the hospice that cared for him."
            ),
        ),
        (
            "en",
            "Tributes paid to novelist Harriet Quennell, who has died at 91",
            (
                "Tributes have been paid to the novelist Harriet Quennell, who has died aged 91. Born in Skerrow in 1933, she "
                "published more than twenty novels and taught at the University of Marrowdale for a decade. Her family said she died "
                "peacefully at home on Sunday. She is survived by her husband, Piers, and two daughters. A memorial will be held in "
                "the spring, and donations are asked for the library that she founded."
            ),
        ),
    ),
    "two earthquakes": (
        (
            "tr",
            "Çanakkale açıklarında 4,2 büyüklüğünde deprem",
            (
                "AFAD verilerine göre Çanakkale'nin Ayvacık ilçesi açıklarında bu sabah saat 06.14'te 4,2 büyüklüğünde bir deprem "
                "meydana geldi. Yerin 8 kilometre derinliğinde kaydedilen sarsıntı çevre ilçelerde de hissedildi. Valilikten yapılan "
                "açıklamada ilk belirlemelere göre can ve mal kaybı bulunmadığı bildirildi. Ekipler bölgede tarama çalışması yapıyor."
            ),
        ),
        (
            "tr",
            "Malatya'da 4,6 büyüklüğünde deprem",
            (
                "AFAD verilerine göre Malatya'nın Pütürge ilçesinde dün gece saat 23.47'de 4,6 büyüklüğünde bir deprem meydana geldi. "
                "Yerin 11 kilometre derinliğinde kaydedilen sarsıntı çevre illerde de hissedildi. Valilikten yapılan açıklamada ilk "
                "belirlemelere göre can ve mal kaybı bulunmadığı bildirildi. Ekipler bölgede tarama çalışması yapıyor."
            ),
        ),
    ),
}
