//! 成绩单: on a sheet, on a phone, as a page and as text it says what the core chose, the same bytes each time; what
//! must not be public is in none; both shells make the same.

use std::fs;
use std::process::Command;

use dom_query::Document as Page;
use nianbao::diagnostic::Failed;
use nianbao::digest::{Digest, DigestChoice, digest};
use nianbao::import::write_yaml;
use nianbao::input::Format;
use nianbao::pipeline::Paper;
use nianbao::report::{Indicator, Report};
use nianbao::sheets::{DigestForm, report_digest};
use serde_json::Value;

use crate::desk::real_reports;
use crate::hostile::{HOSTILE, hostile_sample};
use crate::http::{post, router};
use crate::pdf::Document;
use crate::word::{judged, parts, printed};
use crate::workbench::{deeply, minimal, packed, press, project, read, sample, told};

fn json(report: &Report) -> Vec<u8> {
    serde_json::to_vec(report).unwrap()
}

pub fn made_of(report: &Report, form: DigestForm) -> Vec<u8> {
    let bytes = json(report);
    let paper = Paper { bytes: &bytes, format: Format::Json };
    let made = deeply(|| report_digest(paper, None, form, press()));
    made.unwrap_or_else(|failed| panic!("{form:?}: {}", told(&failed))).value.artifact.bytes
}

fn refused(report: &Report, form: DigestForm) -> Vec<String> {
    let bytes = json(report);
    match deeply(|| report_digest(Paper { bytes: &bytes, format: Format::Json }, None, form, press())) {
        Err(Failed::Report(found)) => {
            found.iter().map(|one| format!("{} at {}", one.code, one.path)).collect()
        }
        Err(failed) => panic!("{}", told(&failed)),
        Ok(_) => vec![],
    }
}

/// That each sentence, heading and figure of a digest is said.
fn assert_says(text: &str, digest: &Digest) {
    let text = packed(text);
    let says = |words: &str| assert!(text.contains(&packed(words)), "no {words} in\n{text}");
    for section in &digest.sections {
        section.heading.iter().for_each(|heading| says(heading));
        for one in &section.quotations {
            one.lead.iter().for_each(|lead| says(lead));
            says(&one.text());
        }
    }
    for figure in digest.headline.iter().chain(&digest.others) {
        says(&figure.name);
        says(&format!("{}{}{}", figure.about, figure.value, figure.unit));
    }
    for figure in &digest.headline {
        figure.previous.iter().chain(&figure.growth).for_each(|words| says(words));
    }
}

fn of(report: &Report) -> Digest {
    digest(report, None).unwrap_or_else(|failed| panic!("{}", told(&failed)))
}

/// The figures as a writer enters hundreds of them.
fn with_figures(count: usize) -> Report {
    let report = read(sample());
    let one = report.indicators[0].clone();
    let indicators = (0..count)
        .map(|number| Indicator {
            key: format!("k{number}").parse().ok(),
            name: format!("第{number}项指标").parse().unwrap(),
            ..one.clone()
        })
        .collect();
    Report { indicators, ..report }
}

#[test]
fn a_sheet_says_what_was_chosen() {
    for report in
        [read(sample()), read(&minimal()), hostile_sample("public"), with_figures(0), with_figures(300)]
    {
        let document = Document::read(made_of(&report, DigestForm::Pdf));
        assert_says(&document.text(), &of(&report));
        assert!(document.title.ends_with("年法治政府建设成绩单"), "{}", document.title);
    }
    assert_eq!(Document::read(made_of(&read(sample()), DigestForm::Pdf)).pages.len(), 1);
}

#[test]
fn a_page_says_what_was_chosen_and_runs_nothing() {
    for report in [read(sample()), hostile_sample("public"), with_figures(0)] {
        let html = String::from_utf8(made_of(&report, DigestForm::Html)).unwrap();
        let page = Page::from(html.as_str());
        assert_says(&page.select("body").text(), &of(&report));
        for element in ["script", "link", "img", "iframe", "form", "[onload]", "[src]", "b b", "label"] {
            assert!(page.select(element).is_empty(), "{element}");
        }
        assert!(html.contains("default-src 'none'") && !html.contains("<label>"));
    }
}

/// What a document for Word says, and how many of its runs are of this character style.
fn in_word(docx: &[u8], style: &str) -> (String, usize) {
    let body = parts(docx).into_iter().find(|(path, _)| path == "word/document.xml").unwrap().1;
    let page = Page::from(body.as_str());
    let runs = body.matches(&format!("<w:rStyle w:val=\"{style}\"/>")).count();
    (page.text().to_string(), runs)
}

#[test]
fn a_word_file_says_what_was_chosen_and_bears_no_report() {
    for report in [read(sample()), read(&minimal()), hostile_sample("public"), with_figures(0)] {
        let docx = made_of(&report, DigestForm::Word);
        let digest = of(&report);
        let (text, figures) = in_word(&docx, "Figure");
        assert_says(&text, &digest);
        let quoted = digest.sections.iter().flat_map(|section| &section.quotations);
        let stretches = quoted.flat_map(|one| &one.stretches).filter(|stretch| stretch.is_figure).count();
        assert!(figures >= stretches, "{figures} of {stretches}");
        // The text of the whole report is not to go to the press with it.
        assert!(parts(&docx).iter().all(|(path, _)| !path.starts_with("customXml")));
        assert!(parts(&docx).iter().all(|(_, part)| !part.contains("Fandol")));
    }
}

#[test]
fn others_find_nothing_wrong_with_a_word_file() {
    let folder = tempfile::tempdir().unwrap();
    let reports = [
        ("sample", read(sample())),
        ("minimal", read(&minimal())),
        ("hostile", hostile_sample("public")),
        ("none", with_figures(0)),
        ("many", with_figures(300)),
    ];
    let documents: Vec<(String, Vec<u8>)> =
        reports.iter().map(|(name, report)| (name.to_string(), made_of(report, DigestForm::Word))).collect();
    for (name, docx) in &documents {
        fs::write(folder.path().join(name).with_extension("docx"), docx).unwrap();
    }
    assert_eq!(judged(folder.path()).len(), documents.len());
    for ((name, report), pdf) in reports.iter().zip(printed(&documents)) {
        let document = Document::read(pdf);
        // LibreOffice asks one face for each script, and none has what the hostile text is written in.
        if *name != "hostile" {
            assert_says(&document.text(), &of(report));
        }
        // What holds hundreds of hostile words takes more.
        assert!(document.pages.len() <= 10, "{name}: {} pages", document.pages.len());
    }
}

#[test]
fn a_text_is_short_and_bare() {
    let text = String::from_utf8(made_of(&hostile_sample("public"), DigestForm::Text)).unwrap();
    assert!(text.chars().count() <= 1_200, "{}", text.chars().count());
    assert!(text.contains(HOSTILE.trim()), "{text}");
}

#[test]
fn a_long_picture_is_1080_pixels_wide() {
    let report = read(sample());
    let svg = String::from_utf8(made_of(&report, DigestForm::Svg)).unwrap();
    assert!(svg.starts_with("<svg ") && svg.contains("width=\"1080\""), "{}", &svg[..200]);
    let picture = image::load_from_memory(&made_of(&report, DigestForm::Png)).unwrap().to_rgb8();
    assert_eq!(picture.width(), 1080);
    assert!(picture.height() > 3_000 && picture.height() < 12_000, "{}", picture.height());
    // The mast is red, and below it there is something to read.
    assert_eq!(picture.get_pixel(5, 5).0, [0xa8, 0x20, 0x1a]);
    let dark = picture.pixels().filter(|pixel| pixel.0.iter().all(|part| *part < 80)).count();
    assert!(dark > 50_000, "{dark}");
}

#[test]
fn the_same_report_makes_the_same_bytes() {
    let report = read(sample());
    for form in DigestForm::ALL {
        assert!(made_of(&report, form) == made_of(&report, form), "{form:?}");
    }
}

#[test]
fn what_must_not_be_public_is_in_no_digest() {
    let secret = sample().replace("secrecy: ~", "secrecy: 秘密★1年");
    for form in DigestForm::ALL {
        assert_eq!(refused(&read(&secret), form), ["secrecy-in-public at header.secrecy"]);
    }
}

#[test]
fn a_picture_that_nothing_can_show_is_not_made() {
    let report = with_figures(300);
    let bytes = json(&report);
    let paper = || Paper { bytes: &bytes, format: Format::Json };
    let mut all = nianbao::digest::propose(&report);
    all.figures.iter_mut().for_each(|one| one.chosen = true);
    let sentences = all.sections.iter_mut().flat_map(|section| &mut section.sentences);
    sentences.for_each(|one| one.chosen = true);
    let choice = serde_json::to_vec(&all).unwrap();
    let choice = Some(Paper { bytes: &choice, format: Format::Json });
    let Err(Failed::Report(found)) = deeply(|| report_digest(paper(), choice, DigestForm::Png, press()))
    else {
        panic!("it was made")
    };
    assert_eq!(found[0].code, "digest-picture-too-long");
    let made = deeply(|| report_digest(paper(), choice, DigestForm::Pdf, press()));
    let document =
        Document::read(made.unwrap_or_else(|failed| panic!("{}", told(&failed))).value.artifact.bytes);
    assert!(document.pages.len() > 2);
    assert_says(&document.text(), &digest(&report, Some(&all)).unwrap());
}

#[test]
fn a_character_that_no_face_has_is_named() {
    let report = read(&sample().replace("营商环境、老旧小区", "营商环境👍、老旧小区"));
    let mut all = nianbao::digest::propose(&report);
    for section in &mut all.sections {
        section.sentences.iter_mut().for_each(|one| one.chosen = one.text.contains('👍'));
    }
    let (report, choice) = (json(&report), serde_json::to_vec(&all).unwrap());
    let paper = |bytes| Paper { bytes, format: Format::Json };
    let made = deeply(|| report_digest(paper(&report), Some(paper(&choice)), DigestForm::Pdf, press()));
    let Err(Failed::Report(found)) = made else { panic!("it was made") };
    assert!(
        found[0].code == "unsupported-character" && found[0].message.contains('👍'),
        "{}",
        found[0].message
    );
}

#[tokio::test]
async fn both_shells_make_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let router = router(1, 8, None);
    fs::write(folder.path().join("report.yaml"), sample()).unwrap();
    let typed = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nianbao"));
        command.current_dir(folder.path()).arg("digest").args(arguments);
        let output = command.arg("--fonts").arg(project().join("fonts")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    for form in DigestForm::ALL {
        let file = format!("digest.{}", form.extension());
        typed(&["report.yaml", "-o", &file]);
        let address = format!("/api/digest?format={}", form.extension());
        let answer = post(&router, &address, "application/yaml", sample()).await;
        assert_eq!(answer.header("content-type"), form.media_type());
        assert!(answer.body == fs::read(folder.path().join(&file)).unwrap(), "{file}");
    }
    // What is listed is ticked, and sent again.
    typed(&["report.yaml", "--list", "-o", "choice.yaml"]);
    let listed = post(&router, "/api/digest?format=list", "application/yaml", sample()).await.json();
    let mut choice: DigestChoice = {
        let yaml = fs::read(folder.path().join("choice.yaml")).unwrap();
        nianbao::input::read(&yaml, Format::Yaml).unwrap().value
    };
    assert_eq!(listed, serde_json::to_value(&choice).unwrap());
    choice.sections.truncate(2);
    choice.figures.truncate(3);
    let yaml = write_yaml(&serde_json::to_value(&choice).unwrap(), "");
    fs::write(folder.path().join("choice.yaml"), &yaml).unwrap();
    typed(&["report.yaml", "--choose", "choice.yaml", "-o", "chosen.txt"]);
    let chosen = fs::read_to_string(folder.path().join("chosen.txt")).unwrap();
    let part = |name: &str, text: &str| {
        format!(
            "--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\
             Content-Type: application/yaml\r\n\r\n{text}\r\n"
        )
    };
    let body = format!("{}{}--edge--\r\n", part("report", sample()), part("choice", &yaml));
    let form = "multipart/form-data; boundary=edge";
    let answer = post(&router, "/api/digest?format=txt", form, body).await;
    assert_eq!(answer.text(), chosen);
    assert!(chosen.chars().count() < 400, "{chosen}");
    // What is no choice, or of another report, is refused with its place.
    for (choice, said) in [
        ("figures: [\n", "选择"),
        ("sections: [{sentences: [{chosen: true, at: other, text: 没有的一句话。}]}]\n", "报告里没有"),
    ] {
        let body = format!("{}{}--edge--\r\n", part("report", sample()), part("choice", choice));
        let answer = post(&router, "/api/digest", form, body).await;
        assert!(answer.status.is_client_error() && answer.text().contains(said), "{}", answer.text());
    }
    // What a text had no room for is told beside it.
    assert_eq!(answer.header("nianbao-findings"), "");
    let mut all: DigestChoice = nianbao::digest::propose(&read(sample()));
    let sentences = all.sections.iter_mut().flat_map(|section| &mut section.sentences);
    sentences.for_each(|one| one.chosen = true);
    let all = serde_json::to_string(&all).unwrap();
    let body = format!("{}{}--edge--\r\n", part("report", sample()), part("choice", &all));
    let answer = post(&router, "/api/digest?format=txt", form, body).await;
    let told: Value = serde_json::from_str(answer.header("nianbao-findings")).unwrap();
    assert_eq!(told[0]["code"], "digest-text-full");
    assert!(told[0]["message"].as_str().unwrap().contains("1200字里放不下全部句子，略去"), "{told}");
    let plan = fs::read(project().join("report-templates/work-plan/sample.yaml")).unwrap();
    let answer = post(&router, "/api/digest", "application/yaml", plan).await;
    assert_eq!(answer.json()[0]["code"], "no-digest");
}

#[test]
fn real_reports_stand_on_a_sheet() {
    let Some(folder) = real_reports("digests of real reports") else { return };
    for file in ["chengyang-2024.yaml", "jinan-2020.yaml"] {
        let report = read(&fs::read_to_string(folder.join("samples").join(file)).unwrap());
        let document = Document::read(made_of(&report, DigestForm::Pdf));
        assert_says(&document.text(), &of(&report));
        assert_eq!(document.pages.len(), 1, "{file}");
        let picture = image::load_from_memory(&made_of(&report, DigestForm::Png)).unwrap();
        assert_eq!(picture.width(), 1080, "{file}");
    }
}
