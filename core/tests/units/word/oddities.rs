//! What Word files hold beside plain text: kept where it is text, told where it is not.

use super::*;

/// What comes of the sample with this XML in its first paragraph, and the text of that paragraph.
fn with(xml: &str) -> (Import, String) {
    let report = read(sample());
    let mut blocks = written(&report);
    at(&mut blocks, "preface[0]").push(raw(xml));
    let found = kept(&report, &blocks);
    let text = found.document["preface"][0].as_str().unwrap().to_owned();
    let before = report.preface[0].to_string();
    (found, text.strip_prefix(&before).unwrap_or_else(|| panic!("{text}")).to_owned())
}

fn t(text: &str) -> String {
    format!("<w:r><w:t>{text}</w:t></w:r>")
}

#[test]
fn text_is_kept_however_it_is_written() {
    for (xml, text) in [
        ("<w:r><w:t>甲</w:t><w:cr/><w:t>乙</w:t><w:tab/><w:t>丙</w:t></w:r>".to_owned(), "甲\n乙 丙"),
        ("<w:r><w:t>甲</w:t><w:noBreakHyphen/><w:t>乙</w:t><w:softHyphen/><w:t>丙</w:t></w:r>".into(), "甲-乙丙"),
        ("<w:r><w:t>甲</w:t><w:ptab w:alignment=\"right\"/><w:t>乙</w:t></w:r>".into(), "甲 乙"),
        (format!("<w:smartTag><w:customXml>{}</w:customXml></w:smartTag>", t("甲")), "甲"),
        (format!("<w:hyperlink w:anchor=\"x\">{}</w:hyperlink><w:ins w:id=\"1\">{}</w:ins>", t("甲"), t("乙")), "甲乙"),
        (
            format!(
                "<w:sdt><w:sdtPr/><w:sdtContent><w:ins w:id=\"2\"><w:smartTag>{}</w:smartTag></w:ins></w:sdtContent></w:sdt>",
                t("甲")
            ),
            "甲",
        ),
        // The first of several ways to say the same, whatever those are; the only one where there is no other.
        (
            format!(
                "<mc:AlternateContent><mc:Choice>{}</mc:Choice><mc:Choice>{}</mc:Choice><mc:Fallback>{}</mc:Fallback></mc:AlternateContent>",
                t("甲"), t("乙"), t("丙")
            ),
            "甲",
        ),
        (format!("<mc:AlternateContent><mc:Fallback>{}</mc:Fallback></mc:AlternateContent>", t("甲")), "甲"),
        (
            "<w:r><mc:AlternateContent><mc:Choice><w:t>甲</w:t><w:tab/></mc:Choice><mc:Fallback><w:t>乙</w:t></mc:Fallback></mc:AlternateContent><w:t>丙</w:t></w:r>".into(),
            "甲 丙",
        ),
        ("<w:r><w:sym w:font=\"Wingdings\" w:char=\"F0FE\"/><w:sym w:font=\"仿宋\" w:char=\"2103\"/></w:r>".into(), "☑℃"),
        ("<w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t>看得见</w:t></w:r>".into(), "看得见"),
    ] {
        let (found, kept) = with(&xml);
        assert_eq!(kept, text, "{xml}");
        assert!(found.account.doubts.is_empty(), "{xml} {:#?}", found.account.doubts);
    }
}

#[test]
fn what_is_not_text_is_told() {
    let ruby =
        format!("<w:r><w:ruby><w:rt>{}</w:rt><w:rubyBase>{}</w:rubyBase></w:ruby></w:r>", t("zhé"), t("喆"));
    let formula = "<m:oMath><m:f><m:num><m:r><m:t>359</m:t></m:r></m:num><m:den><m:r><m:t>386</m:t></m:r></m:den></m:f></m:oMath>";
    for (xml, text, told) in [
        (ruby.as_str(), "喆", "拼音指南1处（zhé）"),
        (formula, "359/386", "公式1个"),
        (
            "<m:oMath><m:sSup><m:e><m:d><m:e><m:r><m:t>a+b</m:t></m:r></m:e></m:d></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath>",
            "(a+b)^2",
            "公式1个",
        ),
        ("<w:r><w:sym w:font=\"Webdings\" w:char=\"F045\"/></w:r>", "", "符号1个"),
        (
            "<w:r><w:object><v:shape><v:imagedata r:id=\"x\"/></v:shape><o:OLEObject/></w:object></w:r>",
            "",
            "对象1个",
        ),
        ("<w:r><w:drawing><a:graphic><c:chart r:id=\"x\"/></a:graphic></w:drawing></w:r>", "", "图形1个"),
        ("<w:altChunk r:id=\"x\"/>", "", "并入了另外的文件1个"),
        (
            "<w:r><mc:AlternateContent><mc:Choice><w:drawing><a:blip/></w:drawing></mc:Choice><mc:Fallback><w:pict><v:imagedata/></w:pict></mc:Fallback></mc:AlternateContent></w:r>",
            "",
            "图片1张",
        ),
    ] {
        let (found, kept) = with(xml);
        assert_eq!(kept, text, "{xml}");
        assert!(asked(&found, told), "{xml} {:#?}", found.account.doubts);
        assert!(unplaced(&found).is_empty(), "{xml}");
    }
}

/// Nobody sees it, so it is not said; and it is not lost.
#[test]
fn what_nobody_sees_is_set_aside() {
    let hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>藏起来的一句话。</w:t></w:r>";
    let (found, kept) = with(&format!("{hidden}{}", t("甲")));
    assert_eq!((kept.as_str(), unplaced(&found)), ("甲", vec!["藏起来的一句话。"]));
    let drawn = "<w:r><w:pict><v:shape><v:textpath string=\"艺术字写的话\"/></v:shape></w:pict></w:r>";
    let (found, kept) = with(drawn);
    assert_eq!((kept.as_str(), unplaced(&found)), ("", vec!["艺术字写的话"]));
    // Above and below the text of each page, once.
    let report = read(sample());
    let part = source_part(&json_of(&report), &document_xml(&written(&report), Tags::Kept));
    let margin = |text: &str| format!("<w:hdr><w:p>{}</w:p></w:hdr>", t(text));
    let bytes = zipped(&[
        ("word/document.xml", &document_xml(&written(&report), Tags::Kept)),
        ("word/header1.xml", &margin("内部资料，请勿外传")),
        ("word/header2.xml", &margin("内部资料，请勿外传")),
        ("word/footer1.xml", &margin("— 1 —")),
        ("word/footer2.xml", &margin("第1页 共20页")),
        ("customXml/item1.xml", &part),
    ]);
    assert_eq!(unplaced(&taken(&bytes, TrackedChanges::Accept)), ["内部资料，请勿外传"]);
    // Of anybody's document it is told.
    let body = document_xml(&written(&report), Tags::Lost).replacen("</w:p>", &format!("{hidden}</w:p>"), 1);
    let bytes = zipped(&[("word/document.xml", &body), ("word/header1.xml", &margin("内部资料，请勿外传"))]);
    let found = taken(&bytes, TrackedChanges::Accept);
    assert!(asked(&found, "藏起来的一句话") && asked(&found, "内部资料"), "{:#?}", found.account.doubts);
    assert!(!found.document.to_string().contains("藏起来"));
}

/// A table that somebody pasted into the text of a paragraph: its rows are kept beside it.
#[test]
fn a_table_within_a_text_is_no_text() {
    let report = read(sample());
    let cell =
        |text: &str| Printed { pieces: vec![field("measures[0].body[1].text", text)], ..Printed::default() };
    let mut blocks = written(&report);
    let place = of(&blocks, "measures[0].body[1].text")[0];
    let rows = [["区", "件数"], ["望渡街道", "17"]].map(|row| row.map(cell).to_vec());
    blocks.insert(place + 1, Block::Table(rows.to_vec()));
    let found = kept(&report, &blocks);
    assert_eq!(unplaced(&found), ["区 | 件数", "望渡街道 | 17"]);
    let mut made = report_of(&found.document);
    made.unplaced.clear();
    assert_eq!(made, report, "{}", found.account.text());
}
