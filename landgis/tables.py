"""The tables that come in: their columns, the names these go by, their units and limits (contract §1).

A table is data, not a class per table: `io` reads any of them with the same code, `landgis check` and the docs print them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from landgis.text import N_

DBASE_NAME_LENGTH = 10
Kind = Literal["key", "text", "number", "integer", "date", "choice", "flag", "heights"]
Shape = Literal["polygon", "line"]


@dataclass(frozen=True)
class Column:
    """One canonical column. `title` is English, translated at the faces; `aliases` match in any case, without units."""

    name: str
    kind: Kind
    title: str
    aliases: tuple[str, ...] = ()
    needed: bool = False
    unique: bool = False
    minimum: float | None = None  # a value below is a fault
    above: float | None = None  # a value at or below is "not known", as 0 in a registered area
    maximum: float | None = None
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))  # code → words for it

    @property
    def known_names(self) -> tuple[str, ...]:
        """All names that the column goes by, the best first; the last is what a shapefile leaves of its own name."""
        return (self.name, *self.aliases, self.name[:DBASE_NAME_LENGTH])


@dataclass(frozen=True)
class Table:
    """One table; `shape` is what a layer draws, None where the table is none."""

    name: str
    title: str
    shape: Shape | None
    columns: tuple[Column, ...]

    @property
    def spatial(self) -> bool:
        """Whether the table is a layer."""
        return self.shape is not None

    def column(self, name: str) -> Column:
        """The column of that canonical name; KeyError where there is none."""
        return {column.name: column for column in self.columns}[name]


# An area may come in another unit; this cadastral code column says which: 1 m², 2 mu, 3 hectares (domain §5.2).
AREA_UNIT_COLUMN = "MJDW"
AREA_UNIT_FACTORS_M2 = MappingProxyType({"1": 1.0, "2": 2000 / 3, "3": 10_000.0, "平方米": 1.0, "亩": 2000 / 3, "公顷": 10_000.0})

TENURES = MappingProxyType({
    "state_granted": ("国有出让", "出让", "102"),
    "state_allocated": ("国有划拨", "划拨", "101"),
    "collective": ("集体建设用地", "集体", "村留用地", "批准拨用", "202"),
    "leased": ("租赁", "国有租赁", "103"),
    "unknown": ("不详", "未知", "其他"),
})  # fmt: skip
LEGALITIES = MappingProxyType({
    "legal": ("合法", "有证", "已登记"),
    "unlicensed": ("违建", "违法", "无证", "违章", "未批先建"),
    "unknown": ("不详", "未知", "待查"),
})  # fmt: skip
BUILDING_USES = MappingProxyType({
    "production": ("生产", "厂房", "车间"),
    "warehouse": ("仓储", "仓库"),
    "office_living": ("办公", "宿舍", "办公生活", "行政办公", "生活"),
    "other": ("其他", "其它"),
})  # fmt: skip
RELATIONS = MappingProxyType({
    "owner": ("自有", "自用", "业主", "所有"),
    "tenant": ("承租", "租赁", "租户", "租用"),
    "subtenant": ("转租", "分租", "二租"),
})  # fmt: skip
KINDS_OF_DATE = MappingProxyType({"planned": ("计划",), "forecast": ("预测", "预计"), "actual": ("实际",)})
MILESTONES = MappingProxyType({
    "IDENTIFIED": ("低效认定", "已认定"), "PLANNED": ("方案批复", "已批复"), "NEGOTIATED": ("政策处理", "政策处理完成"),
    "SIGNED": ("签约", "已签约", "签订协议"), "VACATED": ("腾空", "已腾空", "腾退", "搬迁"), "DEMOLISHED": ("拆除", "已拆除"),
    "CLEARED": ("净地", "已净地"), "GRANTED": ("出让", "已出让"), "HANDED_OVER": ("交地", "已交地"),
    "STARTED": ("开工", "已开工"), "TOPPED_OUT": ("结顶", "已结顶"), "COMPLETED": ("竣工", "已竣工"),
    "OPERATING": ("投产", "已投产"), "REACHED": ("达产", "已达产"),
    "PAUSED": ("暂停",), "RESUMED": ("恢复",), "WITHDRAWN": ("退出",),
})  # fmt: skip
SIDE_MILESTONES = ("PAUSED", "RESUMED", "WITHDRAWN")  # beside every path; the others are its steps
MILESTONE_TITLES = MappingProxyType({
    "IDENTIFIED": N_("identified"), "PLANNED": N_("plan approved"), "NEGOTIATED": N_("negotiated"),
    "SIGNED": N_("signed"), "VACATED": N_("vacated"), "DEMOLISHED": N_("demolished"), "CLEARED": N_("cleared"),
    "GRANTED": N_("granted"), "HANDED_OVER": N_("handed over"), "STARTED": N_("started"),
    "TOPPED_OUT": N_("topped out"), "COMPLETED": N_("completed"), "OPERATING": N_("operating"),
    "REACHED": N_("output reached"), "PAUSED": N_("paused"), "RESUMED": N_("resumed"), "WITHDRAWN": N_("withdrawn"),
})  # fmt: skip

PARCELS = Table("parcels", N_("parcels"), "polygon", (
    Column("parcel_id", "key", N_("parcel number"), ("ZDDM", "地块编号", "DKBH", "宗地代码", "宗地编号"), needed=True, unique=True),
    Column("block_id", "text", N_("block"), ("区块", "区块编号", "片区", "片区编号", "PQBH")),
    Column("registered_area_m2", "number", N_("registered area, m²"), ("ZDMJ", "宗地面积", "登记面积", "DKMJ", "地块面积"),
           minimum=0, above=0),
    Column("tenure", "choice", N_("tenure"), ("QLXZ", "权利性质"), choices=TENURES),
    Column("land_use", "text", N_("land use code"), ("DLBM", "YT", "用途", "地类编码")),
    Column("right_holder", "text", N_("right holder"), ("QLR", "QLRMC", "权利人", "权利人名称")),
    Column("max_floor_area_ratio", "number", N_("highest floor area ratio that the plan allows"),
           ("GHRJL", "RJL", "规划容积率上限", "规划容积率"), minimum=0),
    Column("industry_code", "text", N_("industry, GB/T 4754-2017"), ("HYDM", "行业代码")),
    Column("renovation_mode", "text", N_("mode of renovation, one of the rule set's"), ("改造模式", "改造方式")),
    Column("sign_blockers", "text", N_("what stands against signing"), ("签约障碍",)),
))  # fmt: skip

BUILDINGS = Table("buildings", N_("buildings"), "polygon", (
    Column("building_id", "key", N_("building number"), ("ZRZH", "自然幢号"), needed=True, unique=True),
    Column("parcel_id", "key", N_("declared parcel"), ("ZDDM", "地块编号", "DKBH", "宗地代码")),
    Column("storeys", "integer", N_("storeys above ground"), ("DSCS", "ZCS", "层数", "地上层数"), minimum=0, maximum=200),
    Column("storey_heights_m", "heights", N_("storey heights from the ground up, m"), ("层高",)),
    Column("height_m", "number", N_("height, m"), ("JZWGD", "建筑物高度"), minimum=0, above=0, maximum=1000),
    Column("floor_area_m2", "number", N_("floor area, m²"), ("SCJZMJ", "JZMJ", "建筑面积", "实测建筑面积"), minimum=0),
    Column("legality", "choice", N_("legality"), ("合法性", "是否违建"), choices=LEGALITIES),
    Column("use", "choice", N_("use"), ("GHYT", "房屋用途", "建筑用途"), choices=BUILDING_USES),
))  # fmt: skip

ENTERPRISES = Table("enterprises", N_("enterprises"), None, (
    Column("enterprise_id", "key", N_("enterprise number"), ("统一社会信用代码", "信用代码", "USCC", "企业编号"), needed=True),
    Column("name", "text", N_("name"), ("企业名称", "QYMC", "单位名称")),
    Column("year", "integer", N_("year"), ("年度", "年份"), minimum=1900, maximum=2100),
    Column("above_scale", "flag", N_("above the statistical scale"), ("规上", "是否规上")),
    Column("industry_code", "text", N_("industry, GB/T 4754-2017"), ("HYDM", "行业代码")),
    Column("output_wan", "number", N_("output, 10 000 CNY"), ("产值", "工业总产值"), minimum=0),
    Column("revenue_wan", "number", N_("revenue, 10 000 CNY"), ("营业收入", "主营业务收入"), minimum=0),
    Column("value_added_wan", "number", N_("value added, 10 000 CNY"), ("增加值", "工业增加值")),
    Column("tax_wan", "number", N_("tax paid, 10 000 CNY"), ("税收", "评价税收", "实缴税收")),
    Column("employees", "number", N_("employees"), ("从业人员", "职工人数", "年平均职工人数"), minimum=0),
    Column("energy_tce", "number", N_("energy, tonnes of coal equivalent"), ("综合能耗",), minimum=0),
    Column("emissions_t", "number", N_("emissions of the main pollutants, t"), ("排放量", "主要污染物排放量"), minimum=0),
    Column("rnd_wan", "number", N_("spending on research, 10 000 CNY"), ("研发费用", "R&D经费", "研发经费"), minimum=0),
    Column("electricity_kwh", "number", N_("electricity, kWh"), ("用电量",), minimum=0),
))  # fmt: skip

OCCUPANCIES = Table("occupancies", N_("occupancies"), None, (
    Column("enterprise_id", "key", N_("enterprise number"), ("统一社会信用代码", "信用代码", "USCC", "企业编号"), needed=True),
    Column("parcel_id", "key", N_("parcel number"), ("ZDDM", "地块编号", "DKBH", "宗地代码"), needed=True),
    Column("building_id", "key", N_("building number"), ("ZRZH", "自然幢号")),
    Column("storey", "text", N_("storey"), ("楼层", "所在层")),
    Column("floor_area_m2", "number", N_("occupied floor area, m²"), ("建筑面积", "租赁面积", "占用面积", "面积"), minimum=0),
    Column("relation", "choice", N_("relation"), ("关系", "租赁关系"), choices=RELATIONS),
    Column("start_date", "date", N_("start"), ("起租日期", "开始日期")),
    Column("end_date", "date", N_("end"), ("到期日期", "结束日期")),
))  # fmt: skip

BLOCKS = Table("blocks", N_("blocks"), "polygon", (
    Column("block_id", "key", N_("block"), ("区块", "区块编号", "片区编号", "PQBH"), needed=True),
    Column("name", "text", N_("name"), ("名称", "区块名称")),
    Column("name_en", "text", N_("English name"), ("英文名称",)),
    Column("planned_area_ha", "number", N_("planned area, ha"), ("规划面积",), minimum=0),
    Column("valid_from", "date", N_("valid from"), ("生效日期",)),
    Column("valid_to", "date", N_("valid to"), ("失效日期",)),
))  # fmt: skip

# Drawn behind the parcels, so that people find their way; no figure depends on it.
STREETS = Table("streets", N_("streets"), "line", (
    Column("name", "text", N_("name"), ("名称", "道路名称", "路名", "街道名称"), needed=True),
    Column("name_en", "text", N_("English name"), ("英文名称",)),
    Column("width_m", "number", N_("width, m"), ("宽度", "道路宽度", "路宽", "红线宽度"), minimum=0, above=0),
))  # fmt: skip

EVENTS = Table("events", N_("events"), None, (
    Column("parcel_id", "key", N_("parcel number"), ("ZDDM", "地块编号", "DKBH", "宗地代码", "parcel"), needed=True),
    Column("building_id", "key", N_("building number"), ("ZRZH", "自然幢号")),
    Column("milestone", "choice", N_("milestone"), ("节点", "阶段", "phase"), needed=True, choices=MILESTONES),
    Column("occurred_on", "date", N_("date"), ("日期", "发生日期", "完成日期", "effective", "end"), needed=True),
    Column("started_on", "date", N_("when the step began"), ("开始日期", "start")),
    Column("kind", "choice", N_("planned, forecast or actual"), ("类型",), choices=KINDS_OF_DATE),
    Column("evidence", "text", N_("evidence"), ("证据", "附件")),
    Column("note", "text", N_("note"), ("备注",)),
    Column("recorded_by", "text", N_("recorded by"), ("登记人", "actor")),
    Column("recorded_at", "text", N_("when another register recorded it"), ("登记时间", "recorded")),
    Column("event_id", "text", N_("number of the event, the same when it is sent again"), ("event_uuid", "uuid", "事件编号")),
))  # fmt: skip

# What was published about the zone, and how the register computes the same figure, where it can.
CLAIMS = Table("claims", N_("published figures"), None, (
    Column("claim_id", "key", N_("number of the figure"), ("编号",), needed=True, unique=True),
    Column("value", "text", N_("published value"), ("数值",), needed=True),
    Column("unit", "text", N_("unit"), ("单位",), needed=True),
    Column("subject", "text", N_("what it is about"), ("内容",)),
    Column("as_of", "text", N_("published on"), ("发布日期",)),
    Column("article", "text", N_("where it was published"), ("来源",)),
    Column("milestone", "text", N_("milestone that is counted, renovated, area or firms"), ("统计节点",)),
    Column("block_id", "text", N_("blocks that are counted, all if empty"), ("区块",)),
    Column("renovation_mode", "text", N_("mode that is counted, all if empty"), ("改造模式",)),
    Column("counted_on", "date", N_("day for which the register is asked"), ("统计日期",)),
    Column("note", "text", N_("note"), ("备注",)),
))  # fmt: skip

# Sites whose order is sought (landgis plan sequence), as the office or landgis plan assess lists them; in no project, and
# no file is guessed to be one.
SITES = Table("sites", N_("sites"), None, (
    Column("site_id", "key", N_("site"), ("group", "parcel_id", "改造单元", "单元编号", "项目编号"), needed=True, unique=True),
    Column("needs_m2", "number", N_("floor needed before it falls, m²"), ("legal_floor_m2", "腾空面积", "需安置面积"),
           needed=True, minimum=0),
    Column("returns_m2", "number", N_("floor returned when it is rebuilt, m²"), ("new_floor_m2", "新建面积", "回迁面积"),
           needed=True, minimum=0),
))  # fmt: skip

PLANNED = Table("planned_sites", N_("sites"), None, (
    Column("parcel_id", "key", N_("parcel number"), PARCELS.column("parcel_id").aliases, needed=True, unique=True),
    Column("site_id", "key", N_("site"), ("改造单元", "单元编号", "项目编号"), needed=True),
))  # fmt: skip

_ALL = (PARCELS, BUILDINGS, ENTERPRISES, OCCUPANCIES, BLOCKS, STREETS, EVENTS)
TABLES = MappingProxyType({table.name: table for table in _ALL})
