"""Bylines in Chinese, Japanese and Korean, where words are not parted by spaces.

記者王小明／台北報導, 新华社记者 张三, 文・山田太郎, [서울=뉴시스] 홍길동 기자: a word for the job stands before or
behind the name, and the place with a word for *report* behind it.
"""

import re

from newsbot.text.byline_words import agency_spellings

_EAST = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_LETTER = re.compile(r"[^\W\d_]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_KATAKANA = re.compile("[\u30a0-\u30ff]+")

_SEPARATOR = re.compile(
    r"\s*(?:[,，、；;|｜/／&＆•●+=＝]|(?<=[\uac00-\ud7a3\u3400-\u9fff])[·・ㆍ](?=[\uac00-\ud7a3\u3400-\u9fff]))\s*|\s+(?:와|과|및|和|与|與|及)\s+"
)
_BRACKETS = re.compile(r"[(\[（【〔［]([^()\[\]（）【】〔〕［］]*)[)\]）】〕］]")
# Source: newsrooms' style sheets as their pages print them; simplified and traditional Chinese.
_BEFORE = re.compile(
    r"^(?:(?:本报|本報|本刊|本网|本網|特约|特約|特派|驻.{2,4}|駐.{2,4}|见习|見習|实习|實習|综合|財經|首席|央视|总台)*"
    r"(?:记者|記者|作者|撰文|撰稿|编译|編譯|通讯员|通訊員|特派员|特派員|评论员|評論員)"
    r"|取材・?文|構成・?文|文|執筆|著者|筆者|ライター|取材|기자|글|글쓴이|작성자|취재|저자)"
    r"(?:[：:=＝・／/|]\s*|\s+|(?=[\u3400-\u9fff]{2,4}$)|(?<=[者员員])(?=\S))"
)
_HELP = re.compile(
    r"^(?:责任编辑|責任編輯|责编|責編|编辑|編輯|校对|摄影|攝影|图|圖|图片|插画|翻译|審校|编审|写真|撮影|編集|翻訳|写真・?図版|사진|편집|영상|그래픽|번역)"
    r"(?:[：:=＝・／/]\s*|\s+)"
)
_BEHIND = re.compile(
    r"\s*(?:(?:수습|인턴|선임|전문|객원)?기자|특파원|논설위원|편집위원|칼럼니스트|앵커|PD|선임기자|記者|编辑|記者団|さん|氏|特派員|編集委員|論説委員)\s*=?$"
)
_REPORT = re.compile(
    r"[／/\s]*[\u3400-\u9fff]{0,8}(?:报道|報道|报导|報導|综合报道|綜合報導|\d*日?[电電]|攝影|摄影)$"
)
# A place of two letters and a day: 記者王小明台北23日電.
_PLACE_AND_DAY = re.compile(r"(?:[／/\s]*[\u3400-\u9fff]{2})?\d{1,2}日[电電]$")
# The place in front of a reporter: 서울=홍길동 기자, ロンドン=山田太郎.
_PLACE = re.compile(r"^[^\s=＝/]{1,8}[=＝]\s*(?=\S)")
_DATELINE = re.compile(r"\d\s*日?\s*[电電讯訊]\s*$")
_OTHERS = re.compile(r"\s*(?:외|等)\s*\d*\s*[명人]?$")
_DESK = re.compile(
    "(?:編集部|编辑部|編輯部|編集局|编辑组|編輯組|新聞部|报道组|取材班|デジタル|Web|WEB|中心|편집국|뉴스팀|뉴스룸|편집부|취재팀|데스크|팀|디지털뉴스)"
)
_DATED = re.compile(
    r"\d{1,4}\s*[年月日년월일:：./-]|\d{4}|(?:입력|수정|更新|公開|発布|发布|配信|来源|來源)"
)
_DEPARTMENT = re.compile(r"[\uac00-\ud7a3]{2,4}부$")
# The hundred commonest Chinese surnames, and their traditional forms. Source: 公安部, 二〇二〇年全国姓名报告.
_SURNAMES = frozenset(
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林高罗羅郑鄭梁谢謝宋唐许許邓鄧冯馮韩韓曹曾彭萧蕭蔡潘田董袁于余"
    "叶葉蒋蔣杜苏蘇魏程吕呂丁沈任姚卢盧傅钟鐘姜崔谭譚廖范汪陆陸金石戴贾賈韦韋夏邱方侯邹鄒熊孟秦白江阎閻薛尹段雷黎史龙龍"
    "陶贺賀顾顧毛郝龚龔邵万萬钱錢严嚴覃武戚莫孔向汤湯牛岳"
)


def is_eastern(line: str) -> bool:
    """Say whether most letters of a line are Chinese, Japanese or Korean."""
    eastern = len(_EAST.findall(line))
    return eastern * 2 > len(_LETTER.findall(line))


def read_eastern(line: str) -> tuple[list[str], list[str], list[str], list[str]]:
    """Return the names, agencies, desks and other contributors in a byline."""
    names: list[str] = []
    agencies: list[str] = []
    desks: list[str] = []
    others: list[str] = []
    outside = _BRACKETS.sub(" ", line)
    for inside in _BRACKETS.findall(line):
        agencies += _agencies(inside.split("=")[-1].strip())
        # 新华社北京3月23日电（记者王小明）: what stands in front is the dateline.
        if _DATELINE.search(outside) and _BEFORE.match(inside):
            agencies += _without_agency(outside.strip(), anywhere=True)[1]
            outside = inside
    if not _EAST.search(outside):
        outside = " / ".join(_BRACKETS.findall(line))
    introduced = False
    outside = _PLACE.sub("", outside.strip())
    for piece in _SEPARATOR.split(outside):
        text = piece.strip(" :：=＝-–—·・.。@*「」『』\"'")
        helping = bool(_HELP.match(piece.strip()))
        text = _HELP.sub("", text)
        text, found = _without_agency(text)
        agencies += found
        shorter = _BEFORE.sub("", text)
        introduced = introduced or shorter != text
        text = _OTHERS.sub("", shorter)
        text = _REPORT.sub("", _PLACE_AND_DAY.sub("", text))
        for name in _people(text.strip(" :：=＝・／/"), introduced=introduced):
            if _DATED.search(name) or _DEPARTMENT.search(name):
                continue
            if _DESK.search(name):
                desks.append(name)
            elif 2 <= len(name) <= 30 and not name.isdigit():
                (others if helping else names).append(name)
    return names, agencies, desks, others


def _agencies(text: str) -> list[str]:
    return [text] if text in agency_spellings() else []


def _without_agency(text: str, *, anywhere: bool = False) -> tuple[str, list[str]]:
    """Take off the agency that stands before its reporter: 新华社记者张三, 연합뉴스 홍길동 기자."""
    for length in range(min(len(text), 12), 1, -1):
        if text[:length] in agency_spellings() and _EAST.search(text[:length]):
            rest = text[length:].strip()
            if (
                not rest
                or anywhere
                or rest.startswith(("记", "記", "特", "驻", "駐", "通", "기자"))
                or text[length] == " "
            ):
                return rest, [text[:length]]
    return text, []


def _people(text: str, *, introduced: bool) -> list[str]:
    """Return the names in a piece that has no mark inside."""
    text = _BEHIND.sub("", text)
    tokens = text.split()
    if len(tokens) < 2:
        return [text] if text else []
    if _HANGUL.search(text):
        people = [_BEHIND.sub("", each) for each in tokens]
        people = [each for each in people if each and not _BEHIND.fullmatch(each)]
        if people and all(2 <= len(each) <= 4 and _HANGUL.match(each) for each in people):
            return people if not _DESK.search(text) else [text]
        return [text]
    if all(len(each) == 1 for each in tokens) and len(tokens) <= 4:
        return ["".join(tokens)]
    chinese = all(2 <= len(each) <= 4 and each[0] in _SURNAMES for each in tokens)
    if chinese and (introduced or not _KATAKANA.search(text)):
        return tokens
    if introduced and len(tokens) == 2 and [len(each) for each in tokens] == [1, 1]:
        return ["".join(tokens)]
    return [text]
