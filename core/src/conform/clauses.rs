//! The table of all clauses that a document is measured by, in the order of the standard.

use schemars::JsonSchema;
use serde::Serialize;

use super::judgement::Judgement;
use super::parts::Parts;
use super::{
    attachment, body, cells, colophon, grid, letterhead, marks, page_number, paper, signature, title,
};

/// A clause of GB/T 9704-2012, or as much of it as can be judged by itself.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "标准的一项要求")]
pub struct Clause {
    #[schemars(description = "标准的条款号")]
    pub number: &'static str,
    /// What it speaks of, in Chinese.
    #[schemars(description = "要素")]
    pub element: &'static str,
    /// What it asks, in Chinese.
    #[schemars(description = "要求")]
    pub asks: &'static str,
    #[serde(skip)]
    pub(super) needs_text: bool,
    #[serde(skip)]
    pub(super) judge: fn(&Parts) -> Judgement,
}

const fn clause(
    number: &'static str,
    element: &'static str,
    asks: &'static str,
    judge: fn(&Parts) -> Judgement,
) -> Clause {
    Clause { number, element, asks, needs_text: true, judge }
}

/// All of them.
#[rustfmt::skip] // A table: a row a clause.
pub static CLAUSES: [Clause; 52] = [
    Clause { needs_text: false, ..clause("5.1", "纸张", "A4 型纸，210 mm × 297 mm", paper::size) },
    clause("5.2.1", "天头", "天头（上白边）37 mm ± 1 mm", paper::top),
    clause("5.2.1", "订口", "订口（左白边）28 mm ± 1 mm", paper::left),
    clause("5.2.1", "版心宽", "版心宽 156 mm", paper::width),
    clause("5.2.1", "版心高", "版心高 225 mm", paper::height),
    clause("5.2.2", "正文字体字号", "如无特殊说明，各要素一般用3号仿宋体字", grid::body_type),
    clause("5.2.3", "每面行数", "一般每面排22行，并撑满版心", grid::lines),
    clause("5.2.3", "每行字数", "一般每行排28个字，并撑满版心", cells::of_lines),
    clause("5.2.3", "标点占位", "标点各占一字，不压缩、不悬挂，每行才能排满28字", grid::marks),
    clause("5.2.4", "文字颜色", "如无特殊说明，文字的颜色均为黑色", paper::colour),
    clause("7.2.1", "份号", "6位3号阿拉伯数字，顶格编排在版心左上角第一行", letterhead::copy_number),
    clause("7.2.2", "密级和保密期限", "3号黑体，顶格编排在版心左上角第二行，期限用阿拉伯数字", letterhead::secrecy),
    clause("7.2.3", "紧急程度", "3号黑体，顶格；按份号、密级、紧急程度的顺序自上而下", letterhead::urgency),
    clause("7.2.4", "发文机关标志的位置", "居中，上边缘至版心上边缘 35 mm，不超出版心", letterhead::mark_place),
    clause("7.2.4", "发文机关标志的字体", "推荐用小标宋体字，红色", letterhead::mark_type),
    clause("7.2.5", "发文字号的写法", "年份标全称，用六角括号〔〕；不加“第”，不编虚位，加“号”", letterhead::number_writing),
    clause("7.2.5", "发文字号的位置", "发文机关标志下空二行，居中；上行文居左空一字，与最后一个签发人同行", letterhead::number_place),
    clause("7.2.6", "签发人", "“签发人”3号仿宋，全角冒号，姓名3号楷体，居右空一字", letterhead::signatories),
    clause("7.2.7", "版头分隔线", "发文字号之下 4 mm，与版心等宽的红色分隔线", letterhead::rule),
    clause("7.3.1", "标题字体字号", "一般用2号小标宋体字", title::face_and_size),
    clause("7.3.1", "标题的位置", "红色分隔线下空二行，居中", title::place),
    clause("7.3.1", "标题的回行", "回行时词意完整、排列对称，用梯形或菱形", title::lines),
    clause("7.3.2", "主送机关", "标题下空一行，居左顶格，最后一个机关后用全角冒号", title::addressees),
    clause("7.3.3", "首页", "公文首页必须显示正文", title::first_page),
    clause("7.3.3", "段落", "每个自然段左空二字，回行顶格", body::indent),
    clause("7.3.3", "结构层次序数", "依次用“一、”“（一）”“1.”“（1）”", body::numbers),
    clause("7.3.3", "第一层标题", "一般用黑体字", body::level_1),
    clause("7.3.3", "第二层标题", "一般用楷体字", body::level_2),
    clause("7.3.3", "第三、四层标题", "一般用仿宋体字", body::level_3_and_4),
    clause("7.3.4", "附件说明", "正文下空一行，左空二字，“附件：”加名称，名称后不加标点，回行对齐", attachment::list),
    clause("7.3.5.1", "署名（加盖印章）", "成文日期右空四字，署名以成文日期为准居中", signature::with_seal),
    clause("7.3.5.2", "署名（不加盖印章）", "正文下空一行，署名右空二字；成文日期在下一行，首字比署名首字右移二字", signature::without_seal),
    clause("7.3.5.4", "成文日期", "用阿拉伯数字，年份标全称，月、日不编虚位", signature::date),
    clause("7.3.5.5", "署名与正文同页", "署名、成文日期不单独在一页", signature::company),
    clause("7.3.6", "附注", "左空二字，加圆括号，在成文日期下一行", signature::notes),
    clause("7.3.7", "附件的位置", "另面编排，“附件”及顺序号用3号黑体，顶格编排在版心左上角第一行", attachment::label),
    clause("7.3.7", "附件标题", "居中编排在版心第三行", attachment::title),
    clause("7.3.7", "附件与附件说明", "附件顺序号和标题与附件说明一致", attachment::agreement),
    clause("7.4.1", "版记分隔线", "与版心等宽；首条、末条 0.35 mm，中间 0.25 mm", colophon::rules),
    clause("7.4.1", "版记的位置", "在最后一面（偶数页），末条分隔线与版心下边缘重合", colophon::place),
    clause("7.4.2", "抄送机关", "4号仿宋，左右各空一字，回行与冒号后的首字对齐，最后用句号", colophon::received),
    clause("7.4.3", "印发机关和印发日期", "4号仿宋，印发机关左空一字，印发日期右空一字，后加“印发”", colophon::printed),
    clause("7.5", "页码的写法", "4号半角宋体阿拉伯数字，左右各放一条一字线", page_number::writing),
    clause("7.5", "页码的高低", "一字线上距版心下边缘 7 mm", page_number::distance),
    clause("7.5", "页码的左右", "单页码居右空一字，双页码居左空一字", page_number::side),
    clause("7.5", "页码的连续", "连续编码；版记页前有空白页的，空白页和版记页不编", page_number::sequence),
    clause("8", "横排表格", "页码位置与其他页一致；单页表头在订口一边，双页在切口一边", page_number::across),
    clause("9", "行首行末的标点", "后半标点不在行首，前半标点不在行末，破折号、省略号不拆（GB/T 15834）", marks::edges),
    clause("9", "标点的字体", "引号、破折号、省略号用中文字体（GB/T 15834）", marks::faces),
    clause("9", "标点的宽度", "中文里的标点用全角（GB/T 15834）", marks::widths),
    clause("9", "数字", "用半角阿拉伯数字（GB/T 15835）", marks::figures),
    clause("9", "计量单位", "用法定计量单位（GB 3100）", marks::units),
];
