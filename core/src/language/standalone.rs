//! Whether a sentence says something by itself, for whoever quotes it without those around it: whether it is whole
//! and needs none of them, and the words that tell what others want to know from what every report says.

/// Words of honours and of what was done first: others want to know of these.
const DISTINCTIONS: [&str; 16] = [
    "获评",
    "荣获",
    "获得国家",
    "入选",
    "全国",
    "全省首",
    "全市首",
    "首创",
    "率先",
    "首个",
    "典型经验",
    "推广",
    "示范",
    "优秀案例",
    "创新",
    "试点",
];

/// Words with which every report goes on without saying anything.
const FORMULAS: [&str; 14] = [
    "为指导",
    "坚持以",
    "深入学习贯彻",
    "深入贯彻落实",
    "认真贯彻落实",
    "高度重视",
    "坚强领导",
    "切实加强",
    "扎实推进",
    "不断提升",
    "持续深化",
    "进一步",
    "奠定",
    "营造良好",
];

/// A sentence that begins so says something about the one before it.
const DEPENDENT: [&str; 23] = [
    "其中",
    "该",
    "其",
    "此",
    "这",
    "上述",
    "以上",
    "对此",
    "并",
    "且",
    "但",
    "而",
    "因此",
    "从而",
    "也",
    "还",
    "我们",
    "下一步",
    "现将",
    "特此",
    "为此",
    "与此同时",
    "主要是",
];

/// The characters of a sentence; a longer one is a paragraph of its own.
const SHORTEST: usize = 8;
const LONGEST: usize = 300;

/// Whether a sentence can be understood without those around it, and is whole.
pub(crate) fn is_standalone(text: &str) -> bool {
    let length = text.chars().count();
    (SHORTEST..=LONGEST).contains(&length)
        && !DEPENDENT.iter().any(|word| text.starts_with(word))
        && !text.ends_with(['：', ':', '，', '、'])
        && is_balanced(text)
}

/// How many words of honours and of what was done first stand in a text.
pub(crate) fn distinctions(text: &str) -> i32 {
    count(&DISTINCTIONS, text)
}

/// How many words of every report stand in a text.
pub(crate) fn formulas(text: &str) -> i32 {
    count(&FORMULAS, text)
}

fn count(words: &[&str], text: &str) -> i32 {
    words.iter().filter(|word| text.contains(**word)).count() as i32
}

/// Whether each quotation, title and bracket that opens in it closes in it.
fn is_balanced(text: &str) -> bool {
    const PAIRS: [(char, char); 4] = [('“', '”'), ('《', '》'), ('（', '）'), ('‘', '’')];
    PAIRS.iter().all(|(open, close)| {
        let depth = text.chars().try_fold(0_i32, |depth, c| {
            let depth = depth + i32::from(c == *open) - i32::from(c == *close);
            (depth >= 0).then_some(depth)
        });
        depth == Some(0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_the_sentence_before_it_does_not_stand_alone() {
        for text in ["新建中心12个，服务群众3万人次", "“码头议事厅”调处纠纷186件"]
        {
            assert!(is_standalone(text), "{text}");
        }
        for text in [
            "其中新增67项、取消58项",
            "该中心全年接待群众",
            "建成中心，主要包括：",
            "依法行政",
            "他说：“建成中心12个",
            "中心”建成中心12个",
        ] {
            assert!(!is_standalone(text), "{text}");
        }
        assert!(!is_standalone(&"长".repeat(301)));
    }
}
