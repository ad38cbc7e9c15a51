"""The tables a roster may be made of, and the words that head their columns (DOMAIN-RULES §9)."""

from core.tables.header import Layout

UNITS = Layout(
    name="units",
    words={
        "building": ("楼栋", "楼号", "楼栋号", "楼栋编号", "栋号", "楼宇", "幢号", "楼栋名称", "楼阁名称", "building"),
        "stair": ("单元", "单元号", "单元编号", "单元名称", "梯号", "stair", "entrance"),
        "room": (
            "房号", "房屋编号", "房间", "房间号", "房屋号", "房屋编码", "房屋", "室号", "门牌号", "房间编号",
            "商铺编号", "物业编号", "unit", "room",
        ),
        "floor": ("楼层", "房屋楼层", "所在楼层", "层", "floor"),
        "floors": ("总层数", "总楼层", "楼栋层数", "地上层数", "floors"),
        "lift": ("是否有电梯", "电梯", "有无电梯", "lift"),
        "kind": ("业态", "房屋类型", "物业类型", "类型", "房产类型", "房屋性质", "房屋用途", "用途", "kind", "type"),
        "area": ("建筑面积", "面积", "产权面积", "房屋面积", "计费面积", "收费面积", "占地面积", "area"),
        "inner_area": ("套内面积", "室内面积", "套内建筑面积", "使用面积", "innerarea"),
        "state": ("房屋状态", "状态", "入住状态", "使用状态", "state"),
        "handed_over": (
            "交房日期", "交房时间", "交付日期", "交付时间", "收房日期", "收房时间", "放户日期", "handedoveron",
        ),
        "owner": ("业主", "业主名称", "业主姓名", "产权人", "姓名", "户主", "客户名称", "owner", "name"),
        "owner_number": ("业主编号", "业主序号", "住户编号"),
        "phone": (
            "手机", "手机号", "联系电话", "电话", "手机号码", "业主电话", "业主手机", "联系方式", "联系人手机",
            "phone", "mobile",
        ),
        "id_number": ("身份证号", "身份证", "证件号码", "身份证号码", "证件号", "idnumber"),
        "role": ("业主类型", "住户类型", "与业主关系", "人员类型", "身份", "role"),
        "spaces": ("车位", "车位号", "车位编号", "停车位", "parking"),
        "fees": ("房屋费用", "标准代号"),
        "fee_starts": ("费用开始时间",),
    },
    needs=[("room",)],
    unused=(
        "序号", "编号", "户型", "房屋户型", "租金", "性别", "年龄", "备注", "显示名称", "费用到期时间", "小区",
        "小区名称", "项目", "问题说明", "problems",
    ),
)  # fmt: skip

BUILDINGS = Layout(
    name="buildings",
    words={
        "building": ("楼栋号", "楼栋", "楼号", "楼栋编号", "栋号"),
        "stair": ("单元编号", "单元", "单元号"),
        "floors": ("总层数", "总楼层", "层数"),
        "lift": ("是否有电梯", "电梯", "有无电梯"),
    },
    needs=[("building",), ("floors",)],
    unused=("序号", "备注", "问题说明", "problems"),
)

OWNERS = Layout(
    name="owners",
    words={
        "number": ("编号", "业主序号", "序号"),
        "name": ("业主名称", "业主姓名", "姓名", "名称"),
        "phone": ("手机号", "手机", "联系电话", "电话", "手机号码"),
        "id_number": ("身份证号", "身份证", "证件号码", "身份证号码"),
        "role": ("业主类型", "人员类型"),
        "belongs_to": ("业主编号", "所属业主", "所属业主编号"),
    },
    needs=[("number",), ("name",), ("role", "belongs_to", "id_number", "phone")],
    unused=("性别", "年龄", "备注", "问题说明", "problems"),
)

SPACES = Layout(
    name="spaces",
    words={
        "lot": ("停车场编号", "停车场"),
        "space": ("车位编码", "车位编号", "车位号", "车位"),
        "area": ("面积", "车位面积", "建筑面积"),
        "owner_number": ("业主编号", "业主序号"),
        "plate": ("车牌号", "车牌"),
        "start": ("开始时间", "起租时间"),
    },
    needs=[("lot",), ("space",)],
    unused=(
        "停车场类型", "车品牌", "车类型", "颜色", "出租还是出售", "结束时间", "备注", "问题说明", "problems",
    ),
)  # fmt: skip

FEES = Layout(
    name="fees",
    words={
        "number": ("费用编号",),
        "kind": ("费用类型",),
        "name": ("收费项目", "费用名称"),
        "flag": ("费用标识",),
        "timing": ("付费类型",),
        "cycle": ("缴费周期",),
        "issue": ("出账类型",),
        "start": ("计费起始时间",),
        "end": ("计费结束时间", "计费终止时间"),
        "formula": ("计算公式",),
        "price": ("计费单价",),
        "fixed": ("固定费用",),
    },
    needs=[("number",), ("name",)],
)

ROSTER = (UNITS, BUILDINGS, OWNERS, SPACES, FEES)

READINGS = Layout(
    name="readings",
    words={
        "unit": ("unit", "房号", "房屋", "房屋编码", "房屋编号", "房间号", "商铺编号"),
        "building": ("楼栋编号", "楼栋", "楼栋号", "楼号"),
        "stair": ("单元编号", "单元", "单元号"),
        "meter": ("meter", "表号", "水电表号", "表编号", "仪表编号", "表计编号"),
        "kind": ("kind", "类型", "表类型", "费用类型", "种类"),
        "date": ("date", "日期", "抄表日期", "抄表时间", "读表时间", "本期读表时间"),
        "value": ("value", "读数", "度数", "表数", "示数", "本期度数", "本次读数", "抄表读数"),
        "previous": ("上期度数", "上次读数", "previous"),
        "previous_date": ("上期读表时间", "上次读表时间"),
        "reader": ("reader", "抄表人", "抄表员"),
        "multiplier": ("multiplier", "倍率", "变比"),
        "old_closing": ("old_closing", "旧表止数", "旧表止码", "旧表读数"),
        "new_opening": ("new_opening", "新表起数", "新表起码", "新表底数"),
        "note": ("note", "备注"),
    },
    needs=[("meter", "unit"), ("date",), ("value",)],
    unused=("序号", "单价", "损耗", "用量", "问题说明", "problems"),
)

METERS = Layout(
    name="meters",
    words={
        "name": ("名称", "表名称", "name"),
        "meter": ("表号", "水电表号", "表编号", "仪表编号", "表计编号", "meter"),
        "kind": ("表类型", "类型", "种类", "kind"),
        "mode": ("模式", "计费模式", "mode"),
        "unit": ("房屋", "房号", "房屋编码", "房屋编号", "unit"),
        "building": ("楼栋编号", "楼栋", "楼栋号", "楼号"),
        "stair": ("单元编号", "单元", "单元号"),
        "parent": ("上级表", "上级表号", "总表", "总表号", "parent"),
        "multiplier": ("倍率", "变比", "multiplier"),
        "digits": ("位数", "整数位数", "表盘位数", "digits"),
        "maker": ("厂家", "生产厂家", "maker"),
        "opening": ("起数", "初始读数", "起始读数", "底数", "起码", "opening"),
        "installed": ("安装日期", "启用日期", "装表日期", "installed"),
    },
    needs=[("meter",), ("kind",), ("name", "mode", "parent", "unit")],
    unused=("序号", "费用项", "采集器ID", "备注", "问题说明", "problems"),
)
