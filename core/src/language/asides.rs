//! What stands below a table and is none of its rows: a sum, a remark, who filled it in.

const SUMS: [&str; 9] = ["合计", "总计", "小计", "共计", "累计", "平均", "平均值", "汇总", "注"];
const REMARKS: [&str; 11] =
    ["备注", "注：", "注:", "注意：", "说明：", "说明:", "填表人", "填报人", "审核人", "制表", "填表说明"];

/// Whether a row that begins with this text is no row of its table: 合计, 备注：……, 共12个单位.
pub(crate) fn is_aside(text: &str) -> bool {
    let bare: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '：' | ':')).collect();
    let of_all = bare.strip_prefix(['全', '本', '各']).map_or(bare.as_str(), |rest| {
        rest.strip_prefix(['省', '市', '州', '县', '区', '旗', '盟']).unwrap_or(rest)
    });
    let behind_digits = |word: &str| {
        let rest = bare.strip_prefix(word)?;
        let behind = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        (behind.len() < rest.len()).then_some(behind)
    };
    let is_count = behind_digits("共").is_some_and(|rest| rest.starts_with(['个', '家']));
    let is_numbered = text.contains(['：', ':', '.', '、']) && behind_digits("注").is_some();
    SUMS.contains(&of_all) || REMARKS.iter().any(|word| text.starts_with(word)) || is_count || is_numbered
}

#[cfg(test)]
mod tests {
    use super::is_aside;

    #[test]
    fn what_stands_below_a_table_is_told_from_its_rows() {
        for text in
            ["合计", "合 计", "全市合计：", "备注：请核对", "注1：含代管", "共12个单位", "注", "填表人：甲"]
        {
            assert!(is_aside(text), "{text}");
        }
        for text in ["注册会计师协会", "共青团云州市委", "汇总处", "合计区", "说明书管理局", "东阳区"]
        {
            assert!(!is_aside(text), "{text}");
        }
    }
}
