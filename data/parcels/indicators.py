"""The 111 indicators of the invented firms: names, units and how each follows from the size of a firm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Indicator:
    """One column. Its value is `driver` × `ratio` × lognormal(0, `sigma`), for `share` of the firms; else 0."""

    column: str
    unit: str
    zh: str
    en: str
    group: str
    driver: str
    ratio: float
    sigma: float
    share: float
    complete: float


# column | unit | zh | en | driver | ratio | sigma | share of the firms with a value above 0 | completeness
GROUPS = {
    "tax": """
vat_paid_wan|万元|增值税|value added tax paid|tax_wan|.52|.15|1|.93
income_tax_wan|万元|企业所得税|corporate income tax|tax_wan|.2|.3|.7|.9
land_use_tax_wan|万元|城镇土地使用税|urban land use tax|tax_wan|.06|.4|.5|.88
property_tax_wan|万元|房产税|property tax|tax_wan|.05|.4|.45|.86
stamp_duty_wan|万元|印花税|stamp duty|tax_wan|.01|.3|.9|.8
city_maintenance_tax_wan|万元|城市维护建设税|city maintenance tax|tax_wan|.036|.2|.95|.84
withheld_personal_tax_wan|万元|代扣个人所得税|personal income tax withheld|tax_wan|.04|.5|.7|.75
export_refund_wan|万元|出口退税|export tax refund|tax_wan|.4|.6|.25|.7""",
    "energy": """
coal_t|t|煤炭消费量|coal used|energy_tce|.1|.8|.06|.72
diesel_t|t|柴油消费量|diesel used|energy_tce|.02|.7|.35|.66
petrol_t|t|汽油消费量|petrol used|energy_tce|.012|.6|.5|.64
natural_gas_m3|m³|天然气用量|natural gas used|energy_tce|160|.9|.3|.83
steam_t|t|外购蒸汽|steam bought|energy_tce|.9|.9|.05|.6
solar_generation_kwh|kWh|光伏发电量|solar power made|electricity_kwh|.12|.8|.14|.58
peak_load_kw|kW|最大负荷|peak load|electricity_kwh|.0006|.3|1|.77
night_electricity_kwh|kWh|谷时用电量|electricity at night|electricity_kwh|.33|.2|1|.81
water_m3|m³|用水量|water used|employees|62|.6|1|.95
reused_water_m3|m³|重复用水量|water used again|employees|15|.9|.2|.52""",
    "environment": """
so2_emitted_t|t|二氧化硫排放量|sulphur dioxide emitted|emissions_t|.15|.7|.2|.62
nox_emitted_t|t|氮氧化物排放量|nitrogen oxides emitted|emissions_t|.25|.6|.25|.62
voc_emitted_t|t|挥发性有机物排放量|volatile organic compounds emitted|emissions_t|.35|.6|.4|.61
cod_discharged_t|t|化学需氧量排放量|chemical oxygen demand discharged|emissions_t|.2|.6|.4|.6
ammonia_discharged_t|t|氨氮排放量|ammonia nitrogen discharged|emissions_t|.02|.6|.35|.57
dust_emitted_t|t|颗粒物排放量|dust emitted|emissions_t|.3|.8|.4|.55
wastewater_t|t|废水排放量|wastewater|employees|38|.7|.8|.74
hazardous_waste_t|t|危险废物产生量|hazardous waste|output_wan|.0012|1|.35|.71
solid_waste_t|t|一般工业固废产生量|solid waste|output_wan|.02|.8|.8|.63
co2_emitted_t|t|二氧化碳排放量|carbon dioxide emitted|energy_tce|2.5|.1|1|.56""",
    "staff": """
insured_count|人|参保人数|insured staff|employees|.78|.2|1|.92
technicians_count|人|专业技术人员|technicians|employees|.09|.5|.7|.7
rnd_staff_count|人|研发人员|research staff|employees|.05|.5|.35|.68
graduates_count|人|大专及以上人员|graduates|employees|.14|.5|.8|.65
women_count|人|女职工|women|employees|.41|.2|1|.6
migrants_count|人|外来务工人员|staff from elsewhere|employees|.6|.2|1|.73
apprentices_count|人|学徒工|apprentices|employees|.04|.6|.3|.47
dormitory_beds_count|张|宿舍床位|beds in dormitories|employees|.5|.5|.3|.5
training_hours_h|小时|培训学时|hours of training|employees|6|.7|.8|.54
payroll_wan|万元|应付职工薪酬|payroll|employees|7.4|.15|1|.9""",
    "finance": """
total_assets_wan|万元|资产总计|total assets|output_wan|.95|.4|1|.91
fixed_assets_wan|万元|固定资产净值|fixed assets|output_wan|.28|.5|1|.87
liabilities_wan|万元|负债合计|liabilities|output_wan|.5|.5|1|.87
equity_wan|万元|所有者权益|equity|output_wan|.42|.5|1|.85
receivables_wan|万元|应收账款|receivables|revenue_wan|.17|.5|1|.82
inventory_wan|万元|存货|inventory|revenue_wan|.13|.5|1|.8
cash_wan|万元|货币资金|cash|revenue_wan|.06|.7|1|.76
bank_loans_wan|万元|银行借款|bank loans|output_wan|.24|.7|.55|.69
interest_paid_wan|万元|利息支出|interest paid|output_wan|.011|.6|.55|.67
depreciation_wan|万元|本年折旧|depreciation|output_wan|.022|.4|1|.78
main_costs_wan|万元|营业成本|cost of sales|revenue_wan|.84|.04|1|.94
selling_costs_wan|万元|销售费用|selling costs|revenue_wan|.022|.5|1|.83
administration_costs_wan|万元|管理费用|administration costs|revenue_wan|.041|.4|1|.84
total_profit_wan|万元|利润总额|total profit|revenue_wan|.046|.6|.86|.93
subsidies_wan|万元|政府补助|subsidies|revenue_wan|.003|.9|.22|.59
investment_wan|万元|固定资产投资|investment|output_wan|.05|1|.35|.72""",
    "innovation": """
patents_count|件|有效专利|valid patents|employees|.12|.8|.4|.75
invention_patents_count|件|有效发明专利|valid invention patents|employees|.02|.8|.15|.75
trademarks_count|件|注册商标|trademarks|employees|.03|.7|.35|.62
standards_count|项|参与制定标准|standards drafted|employees|.006|.5|.06|.49
rnd_projects_count|项|研发项目|research projects|rnd_wan|.012|.5|1|.58
rnd_equipment_wan|万元|研发仪器设备|research equipment|rnd_wan|.9|.6|1|.53
new_products_wan|万元|新产品产值|output of new products|output_wan|.3|.5|.3|.79
high_tech_output_wan|万元|高新技术产品产值|output of high technology|output_wan|.45|.3|.2|.74""",
    "safety": """
inspections_count|次|安全检查次数|safety inspections|employees|.08|.6|.9|.88
hazards_found_count|处|发现隐患|hazards found|employees|.18|.8|.8|.86
fire_drills_count|次|消防演练次数|fire drills|employees|.03|.4|.7|.66
safety_officers_count|人|安全管理人员|safety officers|employees|.03|.3|.9|.78
extinguishers_count|具|灭火器|fire extinguishers|employees|.9|.4|1|.63
insured_injuries_count|起|工伤起数|insured injuries|employees|.012|.7|.25|.7""",
    "trade": """
exports_wan|万元|出口交货值|exports|revenue_wan|.5|.5|.3|.92
imports_wan|万元|进口额|imports|revenue_wan|.04|.9|.06|.68
ecommerce_sales_wan|万元|电子商务销售额|sales on the web|revenue_wan|.25|.8|.3|.56
orders_on_hand_wan|万元|在手订单|orders on hand|revenue_wan|.22|.6|.8|.4""",
}
CORE = """
above_scale||是否规上（1 是，0 否）|above the statistical scale: 1 yes, 0 no|1
industry_code||行业代码（GB/T 4754-2017）|industry, GB/T 4754-2017|.99
output_wan|万元|工业总产值|output|.985
revenue_wan|万元|营业收入|revenue|.985
value_added_wan|万元|工业增加值|value added|.972
tax_wan|万元|实缴税收|tax paid|.99
employees|人|从业人员|employees|.98
energy_tce|tce|综合能耗|energy|.93
emissions_t|t|主要污染物排放量|emissions of the main pollutants|.66
rnd_wan|万元|研发费用|spending on research|.9
electricity_kwh|kWh|用电量|electricity|.97"""
MEASURES = (  # those with figures by quarter and for the years before
    ("output", "wan", "万元", "产值", "output", .9),
    ("revenue", "wan", "万元", "营业收入", "revenue", .89),
    ("tax", "wan", "万元", "税收", "tax paid", .93),
    ("electricity", "kwh", "kWh", "用电量", "electricity", .96),
)  # fmt: skip
YEARLY = (
    *MEASURES,
    ("employees", "", "人", "从业人员", "employees", 0.84),
    ("rnd", "wan", "万元", "研发费用", "research", 0.78),
)


def periods() -> list[Indicator]:
    """Quarters of the year and the two years before."""
    made = []
    for name, unit, sign, zh, en, complete in MEASURES:
        for quarter in range(1, 5):
            title = f"第{'一二三四'[quarter - 1]}季度{zh}", f"{en}, quarter {quarter}"
            column = f"{name}_q{quarter}_{unit}"
            made.append(Indicator(column, sign, *title, "quarters", f"{name}_{unit}", 0.25, 0.12, 1, complete))
    for name, unit, sign, zh, en, complete in YEARLY:
        for year, ratio, less in ((2021, 0.88, 0.12), (2022, 0.95, 0.05)):
            column, driver = (f"{name}_{year}_{unit}", f"{name}_{unit}") if unit else (f"{name}_{year}_count", name)
            sense = f"{year}年{zh}", f"{en}, {year}"
            made.append(Indicator(column, sign, *sense, "earlier_years", driver, ratio, 0.25, 1, complete - less))
    return made


def indicators() -> list[Indicator]:
    """All 111, the core first."""
    core = [line.split("|") for line in CORE.strip().split("\n")]
    made = [Indicator(c, u, zh, en, "core", "", 0, 0, 1, float(full)) for c, u, zh, en, full in core]
    made += periods()
    for group, text in GROUPS.items():
        for line in text.strip().split("\n"):
            column, unit, zh, en, driver, *figures = line.split("|")
            made.append(Indicator(column, unit, zh, en, group, driver, *map(float, figures)))
    return made


def core_values(size: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The core columns from a standard normal `size`: money in 10 000 CNY; tax < value added < output."""
    count = len(size)
    output = 300 * np.exp(1.85 * size)
    above = (output >= 2_000).astype(float)
    added = output * np.clip(rng.lognormal(np.log(0.22), 0.22, count), 0.08, 0.45)
    return {
        "above_scale": above,
        "output_wan": output,
        "revenue_wan": output * rng.lognormal(-0.02, 0.07, count),
        "value_added_wan": added,
        "tax_wan": added * np.clip(rng.lognormal(np.log(0.17), 0.45, count), 0.01, 0.7),
        "employees": np.maximum(2, 5 + 0.09 * output**0.87 * rng.lognormal(0, 0.35, count)),
        "energy_tce": output * rng.lognormal(np.log(0.055), 0.6, count),
        "emissions_t": output * rng.lognormal(np.log(0.00022), 0.9, count),
        "rnd_wan": output * rng.lognormal(np.log(0.026), 0.5, count) * (rng.random(count) < 0.12 + 0.75 * above),
        "electricity_kwh": output * rng.lognormal(np.log(330), 0.55, count),
    }


def rounded(values: np.ndarray, item: Indicator) -> np.ndarray:
    """Counts and kWh as whole numbers, others with two or four digits."""
    if item.unit in ("人", "张", "件", "项", "次", "处", "具", "起", "kWh", "m³", "小时", "kW", ""):
        return np.round(values)
    return np.round(values, 4 if item.group == "environment" or item.column == "emissions_t" else 2)


def table(size: np.ndarray, codes: list[str], rng: np.random.Generator) -> dict[str, list]:
    """All 111 columns with their gaps (None)."""
    items, values = indicators(), core_values(size, rng)
    columns: dict[str, list] = {}
    for item in items:
        if item.driver:
            base = values[item.driver] * item.ratio * rng.lognormal(0, item.sigma, len(size))
            values[item.column] = base * (rng.random(len(size)) < item.share)
        known = rng.random(len(size)) < item.complete
        full = codes if item.column == "industry_code" else rounded(values[item.column], item).tolist()
        columns[item.column] = [value if there else None for value, there in zip(full, known, strict=True)]
    return columns
