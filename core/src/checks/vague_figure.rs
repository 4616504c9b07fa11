use super::Reading;
use crate::code;
use crate::diagnostic::Diagnostic;

code! {
    /// 约数太多
    ///
    /// 年度报告的数据有台账可查。满篇的“余”“近”“约”“多”，读的人会怀疑没有台账。
    ///
    /// 错误：调解纠纷6000余件，培训2000余人次，走访企业500多家，清理文件50余件，……
    ///
    /// 正确：调解纠纷6284件，培训2365人次，走访企业526家，清理文件58件，……
    ///
    /// 举措和成效里，约数不少于 6 个而且超过三成，才提出来。
    pub(super) VAGUE_FIGURE = "vague-figure", Note
}

/// From this many on, and from this share on, in percent.
const MANY: usize = 6;
const SHARE: usize = 30;

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let figures = || {
        let passages = reading.prose_of("measures");
        passages
            .flat_map(|passage| passage.figures())
            .flat_map(|one| &one.figures)
            .filter(|one| one.is_count())
    };
    let (all, vague) = (figures().count(), figures().filter(|one| one.is_approximate).count());
    if vague < MANY || vague * 100 <= all * SHARE {
        return vec![];
    }
    let message = format!("举措和成效里的{all}个数字，有{vague}个是约数");
    vec![VAGUE_FIGURE.at(crate::path!["measures"], message, "有台账的，请写准确的数")]
}
