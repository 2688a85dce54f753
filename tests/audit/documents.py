"""Reports of the national wording with figures of our own, made from exact data in 元.

Every amount is printed in 万元, rounded once, and every number is a slot of the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from random import Random

from tests.audit.printing import Law, Report, half_up

UNIT = "青石市档案服务中心"
YEAR = 2023

# --- the data --------------------------------------------------------------------------------


def named(text: str) -> dict[str, str]:
    """Read lines of a code and its name."""
    lines = (line.split() for line in text.split("\n") if line.strip())
    return {line[0]: line[1] for line in lines}


SUBJECTS = named("""
    201 一般公共服务支出
    20126 档案事务
    2012601 行政运行
    2012604 档案馆
    2012699 其他档案事务支出
    207 文化旅游体育与传媒支出
    20702 文物
    2070204 文物保护
    2070205 博物馆
    208 社会保障和就业支出
    20805 行政事业单位养老支出
    2080502 事业单位离退休
    2080505 机关事业单位基本养老保险缴费支出
    20899 其他社会保障和就业支出
    2089999 其他社会保障和就业支出
    210 卫生健康支出
    21011 行政事业单位医疗
    2101102 事业单位医疗
    2101103 公务员医疗补助
    221 住房保障支出
    22102 住房改革支出
    2210201 住房公积金
""")
CLASSES = {code: name for code, name in SUBJECTS.items() if len(code) == 3}
ITEMS = {code: name for code, name in SUBJECTS.items() if len(code) == 7}
PROJECT_ITEMS = {"2012604", "2070204", "2070205"}
STAFF = named("""
    30101 基本工资
    30102 津贴补贴
    30107 绩效工资
    30112 其他社会保障缴费
    30113 住房公积金
""")
RETIRED = {"30302": "退休费", "30305": "生活补助"}
RUNNING = named("""
    30201 办公费
    30206 电费
    30211 差旅费
    30228 工会经费
    30231 公务用车运行维护费
    30299 其他商品和服务支出
""")
PROJECTS = (
    "馆藏档案数字化加工项目",
    "革命文物保护利用专项",
    "市博物馆免费开放补助",
    "档案库房消防改造",
)
Lines = tuple[tuple[str, int], ...]
LINES: tuple[tuple[str, Lines], ...] = (
    ("投入管理", (("目标相关性", 2), ("任务科学性", 3), ("编制完整性", 5), ("资产规范性", 5))),
    ("产出", (("重点工作完成情况", 25), ("履职目标实现情况", 15))),
    ("效益", (("履职效益", 20), ("公众知晓情况", 15))),
)


def yuan(random: Random, low: int, high: int) -> Fraction:
    """An amount of 元 and 分, in 万元."""
    return Fraction(random.randint(low * 1_000_000, high * 1_000_000), 1_000_000)


class Maker:
    """Makes one report; ``random`` decides everything."""

    def __init__(self, random: Random) -> None:
        self.random, self.r = random, Report()
        self.basic: dict[str, Fraction] = {}
        self.project: dict[str, Fraction] = {}
        self.initial: dict[str, Fraction] = {}
        for item in ITEMS:
            goal = self.project if item in PROJECT_ITEMS else self.basic
            goal[item] = yuan(random, 1, 220 if item.startswith("201") else 60)
            self.initial[item] = goal[item] * Fraction(random.randint(70, 130), 100)
        self.total = self.spent("")
        self.public: dict[str, dict[str, Fraction]] = {}
        self.economic: dict[str, Fraction] = {}
        self.staff = Fraction(0)

    def spent(self, code: str, which: str = "") -> Fraction:
        """Sum the items below a code: all, basic or project."""
        parts = {"基本": (self.basic,), "项目": (self.project,)}.get(
            which, (self.basic, self.project)
        )
        return sum((v for d in parts for k, v in d.items() if k.startswith(code)), Fraction(0))

    def make(self) -> Report:
        """Return the report."""
        r = self.r
        r.say(f"{YEAR}年度", f"{UNIT}部门决算", "# 第一部分 部门概况", "一、部门职责")
        r.say("负责全市档案的收集、整理、保管和利用。", f"# 第二部分 {YEAR}年度部门决算表")
        self.first_table()
        self.by_code(2, "收入决算表", ("本年收入合计", "财政拨款收入", "事业收入"))
        self.by_code(3, "支出决算表", ("本年支出合计", "基本支出", "项目支出"))
        self.fourth_table()
        self.by_code(5, "一般公共预算财政拨款支出决算表", ("小计", "基本支出", "项目支出"))
        self.sixth_table()
        self.ninth_table()
        self.words()
        self.evaluation()
        return r

    def head(self, number: int, title: str) -> None:
        self.r.say(f"## {title}", f"公开{number:02d}表", "单位：万元", f"部门名称：{UNIT}")

    # --- tables ------------------------------------------------------------------------------

    def first_table(self) -> None:
        r = self.r
        self.head(1, "收入支出决算总表")
        rows = [
            ["收入", "", "", "支出"],
            ["项目", "行次", "决算数", "项目", "行次", "决算数"],
            ["栏次", "", "1", "栏次", "", "2"],
        ]
        mine = r.fact("收入项", self.total)
        income = r.last()
        parts = []
        for at, (code, name) in enumerate(CLASSES.items()):
            mark = r.fact(f"支出·{code}", self.spent(code))
            parts.append(r.last())
            left = ["一、一般公共预算财政拨款收入", "1", mine] if not at else ["", str(at + 1), ""]
            rows.append([*left, f"{'一二三四五'[at]}、{name}", str(at + 30), mark])
        kept = income, income
        for name, mate in (("本年收入合计", "本年支出合计"), ("总计", "总计")):
            first = r.fact("收入合计" if name != "总计" else "收支总计", self.total)
            one = r.last()
            second = r.fact("支出合计" if name != "总计" else "收支总计", self.total)
            two = r.last()
            if name == "总计":
                r.sum(one, [kept[0]])
                r.sum(two, [kept[1]])
            else:
                kept = one, two
                r.sum(one, [income])
                r.sum(two, parts)
            rows.append([name, "8", first, mate, "38", second])
        r.table(rows)

    def by_code(self, number: int, title: str, columns: Sequence[str]) -> None:
        r = self.r
        self.head(number, title)
        rows = [["项目", "", *columns], ["功能分类科目编码", "科目名称"], ["栏次", "", *"123"]]
        slots: dict[str, list[int | None]] = {}

        def row(code: str, name: str) -> None:
            values = (
                (self.spent(code), self.spent(code), None)
                if number == 2
                else (self.spent(code), self.spent(code, "基本"), self.spent(code, "项目"))
            )
            cells, made = [code, name], list[int | None]()
            for column, value in zip(columns, values, strict=True):
                if not value:
                    cells.append("")
                    made.append(None)
                    continue
                cells.append(r.fact(self.fact_name(number, code, column), value))
                made.append(r.last())
            slots[code] = made
            whole, *parts = made
            assert whole is not None
            r.sum(whole, [one for one in parts if one is not None])
            rows.append(cells)

        row("", "合计")
        for code, name in SUBJECTS.items():
            row(code, name)
        for code, made in slots.items():
            length = {0: 3, 3: 5, 5: 7}.get(len(code), 0)
            below = [one for c, one in slots.items() if len(c) == length and c.startswith(code)]
            for column, whole in enumerate(made):
                parts = [one[column] for one in below]
                if whole is not None and any(p is not None for p in parts):
                    r.sum(whole, [p for p in parts if p is not None])
        r.table(rows)

    @staticmethod
    def fact_name(number: int, code: str, column: str) -> str:
        first = {2: "本年收入合计", 3: "本年支出合计", 5: "小计"}[number] == column
        if not code:
            if first:
                return {2: "收入合计", 3: "支出合计", 5: "一般公共预算支出"}[number]
            return {"财政拨款收入": "财政拨款收入"}.get(
                column, f"{column}{'' if number == 3 else '一般'}"
            )
        prefix = {2: "收入", 3: "支出", 5: "一般支出"}[number]
        return f"{prefix}·{code}" if first else f"{prefix}·{code}·{column}"

    def fourth_table(self) -> None:
        r = self.r
        self.head(4, "财政拨款收入支出决算总表")
        rows = [
            ["收入", "", "", "支出"],
            ["项目", "行次", "金额", "项目", "行次", "合计", "一般公共预算财政拨款"],
            ["栏次", "", "1", "栏次", "", "2", "3"],
        ]
        mine = r.fact("收入项", self.total)
        income = r.last()
        parts: list[tuple[int, int]] = []
        for at, (code, name) in enumerate(CLASSES.items()):
            first = r.fact(f"财政拨款支出·{code}", self.spent(code))
            one = r.last()
            second = r.fact(f"一般支出·{code}", self.spent(code))
            parts.append((one, r.last()))
            r.sum(one, [r.last()])
            left = ["一、一般公共预算财政拨款", "1", mine] if not at else ["", str(at + 1), ""]
            rows.append([*left, f"{'一二三四五'[at]}、{name}", str(at + 30), first, second])
        first = r.fact("财政拨款收入", self.total)
        r.sum(r.last(), [income])
        kept = r.last()
        second = r.fact("财政拨款支出", self.total)
        two = r.last()
        third = r.fact("一般公共预算支出", self.total)
        three = r.last()
        r.sum(two, [three])
        r.sum(two, [one for one, _ in parts])
        r.sum(three, [one for _, one in parts])
        rows.append(["本年收入合计", "8", first, "本年支出合计", "38", second, third])
        first = r.fact("财政拨款收支总计", self.total)
        r.sum(r.last(), [kept])
        second = r.fact("财政拨款收支总计", self.total)
        end = r.last()
        r.sum(end, [two])
        third = r.fact("一般收支总计", self.total)
        r.sum(end, [r.last()])
        r.sum(r.last(), [three])
        rows.append(["总计", "9", first, "总计", "39", second, third])
        r.table(rows)

    def sixth_table(self) -> None:
        r, random = self.r, self.random
        self.head(6, "一般公共预算财政拨款基本支出决算明细表")
        basic = sum(self.basic.values(), Fraction(0))
        shares = [random.randint(5, 50) for _ in (*STAFF, *RETIRED, *RUNNING)]
        values = [
            Fraction(int(basic * 1_000_000 * share / sum(shares)), 1_000_000) for share in shares
        ]
        values[0] += basic - sum(values)
        self.economic = dict(zip((*STAFF, *RETIRED, *RUNNING), values, strict=True))
        groups = (
            ("301", "工资福利支出", STAFF),
            ("303", "对个人和家庭的补助", RETIRED),
            ("302", "商品和服务支出", RUNNING),
        )
        lists: dict[str, list[list[str]]] = {}
        totals: dict[str, int] = {}
        for code, name, items in groups:
            whole = sum((self.economic[one] for one in items), Fraction(0))
            made = [[code, name, r.fact(f"经济·{code}", whole)]]
            totals[code] = r.last()
            parts = []
            for one in items:
                made.append([one, items[one], r.fact(f"经济·{one}", self.economic[one])])
                parts.append(r.last())
            r.sum(totals[code], parts)
            lists[code] = made
        left, right = [*lists["301"], *lists["303"]], lists["302"]
        rows = [["人员经费", "", "", "公用经费"], ["经济分类科目编码", "科目名称", "决算数"] * 2]
        for at in range(max(len(left), len(right))):
            empty = ["", "", ""]
            rows.append(
                [
                    *(left[at] if at < len(left) else empty),
                    *(right[at] if at < len(right) else empty),
                ]
            )
        staff = sum((self.economic[one] for one in (*STAFF, *RETIRED)), Fraction(0))
        first = r.fact("人员经费", staff)
        people = r.last()
        second = r.fact("公用经费", basic - staff)
        office = r.last()
        r.sum(people, [totals["301"], totals["303"]])
        r.sum(office, [totals["302"]])
        r.sum(r.named["基本支出一般"], [people, office])
        self.staff = staff
        rows.append(["人员经费合计", "", first, "公用经费合计", "", second])
        r.table(rows)

    def ninth_table(self) -> None:
        r, random = self.r, self.random
        self.head(9, "一般公共预算财政拨款“三公”经费支出决算表")
        self.public = {}
        names = (
            "合计",
            "因公出国（境）费",
            "小计",
            "公务用车购置费",
            "公务用车运行维护费",
            "公务接待费",
        )
        cells = []
        for half in ("预算", "决算"):
            own = {
                "购置": yuan(random, 1, 20),
                "运行": yuan(random, 1, 9),
                "接待": yuan(random, 1, 5),
                "出国": yuan(random, 1, 8),
            }
            if half == "决算":
                own = {
                    k: v * Fraction(random.randint(30, 100), 100)
                    for k, v in self.public["预算"].items()
                    if k in own
                }
            own["用车"] = own["购置"] + own["运行"]
            own["合计"] = own["用车"] + own["接待"] + own["出国"]
            self.public[half] = own
            made = {}
            for key in ("合计", "出国", "用车", "购置", "运行", "接待"):
                cells.append(r.fact(f"三公·{key}·{half}", own[key]))
                made[key] = r.last()
            r.sum(made["用车"], [made["购置"], made["运行"]])
            r.sum(made["合计"], [made["出国"], made["用车"], made["接待"]])
        r.table([
            ["预算数", "", "", "", "", "", "决算数"],
            ["合计", "因公出国（境）费", "公务用车购置及运行维护费", "", "", "公务接待费"] * 2,
            ["", "", *names[2:5], ""] * 2,
            [str(n) for n in range(1, 13)],
            cells,
        ])  # fmt: skip

    # --- text --------------------------------------------------------------------------------

    def change(self, now: int, value: Fraction) -> str:
        """“比上年…”: how much more or less, and by what rate."""
        r, random = self.r, self.random
        less = random.random() < 0.5
        delta = value * Fraction(random.randint(3, 30), 100)
        before = value + delta if less else value - delta
        amount, mark = r.number(delta)
        rate, rate_mark = r.number(delta / before * 100)
        sign = 1 if less else -1
        r.rate(
            rate, [(Fraction(1), (amount,))], [(Fraction(1), (now,)), (Fraction(sign), (amount,))]
        )
        words = ("减少", "下降") if less else ("增加", "增长")
        return f"与上年度相比，{words[0]}{mark}万元，{words[1]}{rate_mark}%。"

    def share(self, part: int, whole: int, value: Fraction, name: str = "") -> str:
        """Print a rate; one with a name is printed again elsewhere."""
        mark = self.r.fact(name, value * 100) if name else self.r.number(value * 100)[1]
        self.r.rate(self.r.last(), [(Fraction(1), (part,))], [(Fraction(1), (whole,))])
        return f"{mark}%"

    def words(self) -> None:
        r = self.r
        basic, project = self.spent("", "基本"), self.spent("", "项目")
        r.say(f"# 第三部分 {YEAR}年度部门决算情况说明", "一、收入支出决算总体情况说明")
        mark = r.fact("收支总计", self.total)
        now = r.last()
        r.say(
            f"{YEAR}年度收入、支出总计均为{mark}万元。{self.change(now, self.total)}"
            "主要是人员变动。"
        )
        r.say("二、支出决算情况说明")
        mark = r.fact("支出合计", self.total)
        whole = r.last()
        one = r.fact("基本支出", basic)
        first = r.last()
        share = self.share(first, whole, basic / self.total)
        two = r.fact("项目支出", project)
        second = r.last()
        other = self.share(second, whole, project / self.total)
        r.sum(whole, [first, second])
        r.say(
            f"{YEAR}年度支出合计{mark}万元，其中：基本支出{one}万元，占{share}；项目支出{two}万元，占{other}。"
        )
        r.say("三、一般公共预算财政拨款支出决算情况说明", "（一）结构情况。")
        mark = r.fact("一般公共预算支出", self.total)
        whole = r.last()
        parts, said = [], []
        for code, name in CLASSES.items():
            value = r.fact(f"一般支出·{code}", self.spent(code))
            parts.append(r.last())
            rate = self.share(r.last(), whole, self.spent(code) / self.total)
            said.append(f"{name.removesuffix('支出')}（类）支出{value}万元，占{rate}")
        r.sum(whole, parts)
        r.say(
            f"{YEAR}年度一般公共预算财政拨款支出{mark}万元，主要用于以下方面：{'；'.join(said)}。"
        )
        self.items()
        r.say("四、一般公共预算财政拨款基本支出决算情况说明")
        one, two, three = (
            r.fact("基本支出一般", basic),
            r.fact("人员经费", self.staff),
            r.fact("公用经费", basic - self.staff),
        )
        r.sum(r.last() - 2, [r.last() - 1, r.last()])
        r.say(
            f"{YEAR}年度一般公共预算财政拨款基本支出{one}万元。"
            f"其中：人员经费{two}万元，主要包括：基本工资；公用经费{three}万元，主要包括：办公费。"
        )
        self.public_words()

    def items(self) -> None:
        r = self.r
        r.say("（二）具体情况。")
        budget = sum(self.initial.values(), Fraction(0))
        one = r.fact("年初预算", budget)
        planned = r.last()
        two = r.fact("一般公共预算支出", self.total)
        spent = r.last()
        rate = self.share(spent, planned, self.total / budget)
        r.say(
            f"{YEAR}年度一般公共预算财政拨款支出年初预算为{one}万元，支出决算为{two}万元，完成年初预算的{rate}。其中："
        )
        plans, spends = [], []
        for number, (item, name) in enumerate(ITEMS.items(), 1):
            one = r.fact(f"年初·{item}", self.initial[item])
            plans.append(r.last())
            value = self.spent(item)
            two = r.fact(f"一般支出·{item}", value)
            spends.append(r.last())
            rate = self.share(r.last(), plans[-1], value / self.initial[item])
            r.say(
                f"{number}. {SUBJECTS[item[:3]]}（类）{SUBJECTS[item[:5]]}（款）{name}（项）。"
                f"年初预算为{one}万元，支出决算为{two}万元，完成年初预算的{rate}。"
                "差异的主要原因是年中追加。"
            )
        r.sum(planned, plans)
        r.sum(spent, spends)

    def public_words(self) -> None:
        r = self.r
        plan, done = self.public["预算"], self.public["决算"]
        r.say("五、一般公共预算财政拨款“三公”经费支出决算情况说明")
        one, two = r.fact("三公·合计·预算", plan["合计"]), r.fact("三公·合计·决算", done["合计"])
        rate = self.share(r.last(), r.last() - 1, done["合计"] / plan["合计"])
        r.say(
            f"{YEAR}年度一般公共预算财政拨款“三公”经费支出预算为{one}万元，支出决算为{two}万元，完成预算的{rate}。"
        )
        said = []
        for key, name in (
            ("出国", "因公出国（境）费"),
            ("用车", "公务用车购置及运行费"),
            ("接待", "公务接待费"),
        ):
            mark = r.fact(f"三公·{key}·决算", done[key])
            part = r.last()
            budget = r.named[f"三公·{key}·预算"]
            rate = self.share(part, budget, done[key] / plan[key], f"三公·{key}·完成率")
            share = self.share(part, r.named["三公·合计·决算"], done[key] / done["合计"])
            said.append(f"{name}支出决算{mark}万元，完成预算的{rate}，占{share}")
        r.say(
            f"{YEAR}年度一般公共预算财政拨款“三公”经费支出决算中，{'；'.join(said)}。具体情况如下："
        )
        mark = r.fact("三公·接待·预算", plan["接待"])
        other = r.fact("三公·接待·决算", done["接待"])
        completed = done["接待"] / plan["接待"]
        rate = self.share(r.last(), r.last() - 1, completed, "三公·接待·完成率")
        r.say(f"公务接待费预算为{mark}万元，支出决算为{other}万元，完成预算的{rate}。")

    # --- self-evaluation ---------------------------------------------------------------------

    def evaluation(self) -> None:
        r, random = self.r, self.random
        r.say("六、预算绩效情况说明", "（一）项目绩效自评结果")
        spends = list(self.project.values())
        spends.append(spends.pop() * Fraction(3, 5))
        spends.append(self.spent("", "项目") - sum(spends, Fraction(0)))
        rows = []
        budgets = []
        planned = Fraction(0)
        for number, (name, spent) in enumerate(zip(PROJECTS, spends, strict=True), 1):
            budget = spent / Fraction(random.randint(60, 100), 100)
            planned += budget
            tiers = [Fraction(random.randint(8000, 10000), 10000) for _ in range(3)]
            tiers[2] = max(tiers[2], Fraction(9, 10))
            exact = spent / budget
            score = half_up(10 * exact, 2) + sum(
                (half_up(w * t, 2) for w, t in zip((50, 30, 10), tiers, strict=True)), Fraction(0)
            )
            one = r.fact(f"项目·{number}·预算", budget)
            plan = r.last()
            budgets.append(plan)
            two = r.fact(f"项目·{number}·执行", spent)
            rate = self.share(r.last(), plan, exact)
            rates = [r.last()]
            cells = [rate]
            for tier in tiers:
                slot, mark = r.number(tier * 100)
                rates.append(slot)
                cells.append(f"{mark}%")
            mark = r.fact(f"项目·{number}·得分", score)
            weights = [Fraction(w, 100) for w in (10, 50, 30, 10)]
            r.laws.append(
                Law(
                    r.last(),
                    [(w, (s,)) for w, s in zip(weights, rates, strict=True)],
                    (),
                    Fraction(2, 100),
                )
            )
            rows.append([str(number), name, one, two, *cells, mark, "前期准备不足"])
            a, b, c = (
                r.fact(f"项目·{number}·得分", score), r.fact(f"项目·{number}·预算", budget),
                r.fact(f"项目·{number}·执行", spent),
            )  # fmt: skip
            r.say(
                f"{number}、{name}绩效自评情况：根据年初设定的绩效目标，项目自评得分为{a}分。全年预算数为{b}万元，执行数为{c}万元。"
            )
        r.say("（二）绩效评价工作开展情况")
        whole = r.fact("自评资金", planned)
        r.sum(r.last(), budgets)
        r.say(
            f"本部门对{YEAR}年度项目支出开展绩效自评，其中，项目{len(rows)}个，"
            f"共涉及资金{whole}万元。"
        )
        r.say("# 第五部分 附件", "部门（单位）项目支出自评汇总表")
        r.table(
            [
                [
                    "序号",
                    "项目名称",
                    "全年预算数(万元)",
                    "执行数(万元)",
                    "执行率",
                    "产出指标得分率",
                    "效益指标得分率",
                    "满意度指标得分率",
                    "自评得分",
                    "偏差原因",
                ],
                *rows,
            ]
        )
        self.department()

    def department(self) -> None:
        r, random = self.r, self.random
        r.say(f"# {YEAR}年度部门整体绩效自评报告", "一、综合评价结论")
        initial = sum(self.initial.values(), Fraction(0))
        budget = self.total / Fraction(random.randint(75, 99), 100)
        rate = half_up(self.total / budget * 100, 2)
        mine = {"预算执行": half_up(rate / 10, 2)}
        lost: dict[str, list[Fraction]] = {}
        for tier, lines in LINES:
            lost[tier] = [Fraction(random.choice((0, 0, 0, 1, 2)), 2) for _ in lines]
            mine[tier] = sum((Fraction(p) for _, p in lines), Fraction(0)) - sum(lost[tier])
        points = {"预算执行": 10} | {tier: sum(p for _, p in lines) for tier, lines in LINES}
        names = ("预算执行", *(tier for tier, _ in LINES), "合计")
        mine["合计"], points["合计"] = sum(mine.values(), Fraction(0)), 100
        rows: list[list[str]] = [["一级指标"], ["权重"], ["得分率"], ["得分"]]
        kept: dict[str, dict[str, int]] = {"权重": {}, "得分率": {}, "得分": {}}
        for name in names:
            rows[0].append(
                "合计"
                if name == "合计"
                else "预算执行情况"
                if name == "预算执行"
                else f"{name}指标"
            )
            rows[1].append(r.fact(f"权重·{name}", Fraction(points[name]), 0, exact=True))
            kept["权重"][name] = r.last()
            value = rate if name == "预算执行" else mine[name] / points[name] * 100
            rows[2].append(r.fact(f"得分率·{name}", value) + "%")
            kept["得分率"][name] = r.last()
            rows[3].append(r.fact(f"得分·{name}", mine[name]))
            kept["得分"][name] = r.last()
            weight, percent, score = (kept[kind][name] for kind in ("权重", "得分率", "得分"))
            if name == "预算执行":
                r.laws.append(Law(score, [(Fraction(1, 100), (weight, percent))]))
            else:
                r.rate(percent, [(Fraction(1), (score,))], [(Fraction(1), (weight,))])
        for kind in ("权重", "得分"):
            parts = [v for k, v in kept[kind].items() if k != "合计"]
            r.sum(kept[kind]["合计"], parts, printed=True)
        said = "，".join(f"{n}指标得分{r.fact(f'得分·{n}', mine[n])}分" for n, _ in LINES)
        whole = r.fact("得分·合计", mine["合计"])
        grade = next(
            g
            for g, least in (("优", 90), ("良", 80), ("中", 60), ("差", 0))
            if mine["合计"] >= least
        )
        self.later = f"{YEAR}年度我单位整体自评得分为{whole}分，评价等级为“{grade}”。其中，{said}。"
        r.say("表3-1 部门整体得分情况")
        r.table(rows)
        r.say(self.later, "1. 资金到位情况与资金执行情况")
        one = r.fact("年初预算", initial)
        first = r.last()
        two = r.fact("年中调整", budget - initial)
        second = r.last()
        three = r.fact("全年预算", budget)
        r.sum(r.last(), [first, second])
        third = r.last()
        four = r.fact("支出合计", self.total)
        mark = r.fact("得分率·预算执行", rate)
        r.rate(r.last(), [(Fraction(1), (r.last() - 1,))], [(Fraction(1), (third,))])
        r.say(
            f"我单位{YEAR}年年初预算资金{one}万元；经年中调整，增加预算资金{two}万元；"
            f"全年预算资金总额{three}万元。全年实际执行数为{four}万元，预算执行率为{mark}%。"
        )
        for at, (tier, lines) in enumerate(LINES, 1):
            r.say(f"{at}.{tier}指标完成情况分析")
            for number, ((name, most), gone) in enumerate(zip(lines, lost[tier], strict=True)):
                slot, mark = r.number(Fraction(most), 0, exact=True)
                got, other = r.number(most - gone, 1)
                r.say(f"{'①②③④'[number]}{name}，指标{mark}分，得{other}分。")
                lost[tier][number] = Fraction(got)
                kept.setdefault(tier, {})[name] = slot
            r.sum(kept["权重"][tier], list(kept[tier].values()))
            r.sum(kept["得分"][tier], [int(one) for one in lost[tier]], printed=True)


def report(seed: int) -> Report:
    """Return one true report."""
    return Maker(Random(seed)).make()
