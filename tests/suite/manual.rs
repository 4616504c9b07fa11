//! The manual, gone through as it tells: what it says can be done, and its pictures are taken on the way.
//! `NIANBAO_UPDATE_PICTURES=1` takes them anew.

use std::sync::Arc;

use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{RenderCache, RenderSettings};
use hayro_syntax::Pdf;
use image::RgbImage;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};

use super::*;
use crate::batch::unpacked;
use crate::batches::zip_of;
use crate::province;
use crate::workbench::{press, project};

/// A window of 1440 × 900 in a picture of 960 × 600.
pub(super) const PICTURED: Setup = Setup { scale: 2.0 / 3.0, ..WIDE };

/// How many pixels a page is wide in the manual.
const PAGE: f32 = 480.0;

/// Last year's report, as one has it.
const LAST_YEAR: &str = "云州市望渡区2024年法治政府建设年度报告
一、主要举措和成效
（一）规范行政执法。全年办结行政处罚案件326件,抽查案卷40卷。
（二）优化政务服务。取消证明43项，办理时限缩短一半。
二、存在的不足和原因
一是部分执法人员业务不熟，主要原因是培训偏重课堂讲授。
二是镇街专职人员少，究其原因，编制没有随事权下放。
三、第一责任人履职情况
区委、区政府主要负责人听取法治政府建设情况汇报4次。
四、2025年主要安排
（一）加强执法培训。对执法人员分类轮训。
（二）充实基层力量。新增专职人员20人。
云州市望渡区人民政府
2025年2月18日
上一篇：关于开展专项检查的通知
";

#[expect(clippy::disallowed_methods, reason = "tests are told by a variable what to renew")]
pub(super) fn is_update() -> bool {
    std::env::var_os("NIANBAO_UPDATE_PICTURES").is_some()
}

/// Keeps a picture for the manual, with few colours, so that its file is small.
fn keep(mut picture: RgbImage, name: &str) {
    for pixel in picture.pixels_mut() {
        pixel.0 = pixel.0.map(|shade| (shade >> 3) << 3 | shade >> 5);
    }
    let file = std::fs::File::create(project().join(format!("docs/pictures/{name}.png"))).unwrap();
    let encoder = PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::NoFilter);
    picture.write_with_encoder(encoder).unwrap();
}

/// Keeps a picture of the first page of a PDF.
fn keep_page(pdf: Vec<u8>, name: &str) {
    if !is_update() {
        return;
    }
    let pdf = Pdf::new(Arc::new(pdf)).unwrap();
    let page = &pdf.pages()[0];
    let scale = PAGE / page.render_dimensions().0;
    let settings =
        RenderSettings { x_scale: scale, y_scale: scale, bg_color: WHITE, ..RenderSettings::default() };
    let pixels = hayro::render(page, &RenderCache::new(), &Default::default(), &settings);
    let picture = RgbImage::from_fn(pixels.width().into(), pixels.height().into(), |x, y| {
        let pixel = pixels.sample(x as u16, y as u16);
        image::Rgb([pixel.r, pixel.g, pixel.b])
    });
    keep(picture, name);
}

impl Desk {
    /// What the window shows, for the manual.
    pub(super) async fn picture(&self, name: &str) {
        if is_update() {
            let png = self.browser.screenshot_as_png().await.unwrap();
            keep(image::load_from_memory(&png).unwrap().to_rgb8(), name);
        }
    }

    /// Opens a file as the menu does.
    async fn open_file(&self, path: &Path) {
        self.ask("document.getElementById('file').hidden = false").await;
        self.element("#file").await.send_keys(path.to_string_lossy().into_owned()).await.unwrap();
        self.ask("document.getElementById('file').hidden = true").await;
    }

    async fn bring_to_view(&self, path: &str) {
        self.ask(&format!("document.getElementById('{path}').scrollIntoView({{ block: 'center' }})")).await;
    }
}

#[tokio::test]
async fn a_writer_comes_from_the_empty_form_to_the_pdf() {
    let desk = Desk::open(PICTURED, "/").await;
    desk.settled().await;
    desk.picture("form-empty").await;
    desk.press("#menu-button").await;
    desk.picture("form-menu").await;
    desk.key(Key::Escape).await;

    let last = desk.folder.path().join("2024年报告.txt");
    std::fs::write(&last, LAST_YEAR).unwrap();
    desk.open_file(&last).await;
    desk.until("!document.getElementById('import-panel').hidden").await;
    desk.settled().await;
    let jump = "Array.from(document.querySelectorAll('#import-panel .jump')).find((one) => one.textContent.includes('原因第1项 › 原因')).click()";
    desk.ask(jump).await;
    desk.until("document.activeElement.id === 'problems[0].cause'").await;
    desk.bring_to_view("problems[0].cause").await;
    desk.picture("form-import").await;

    desk.pick_from_menu("sample").await;
    desk.until("document.getElementById('measures[7].heading')").await;
    desk.press("#notice-file button").await;
    desk.settled().await;
    let paragraph = "measures[0].body[1].text";
    desk.control(paragraph).await.click().await.unwrap();
    desk.key(Key::Control + Key::End).await;
    desk.key("群众办事更加方便。").await;
    desk.settled().await;
    desk.until("document.querySelector('.page-mark')").await;
    desk.bring_to_view(paragraph).await;
    desk.picture("form-writing").await;

    let cause = desk.value("problems[1].cause").await;
    desk.control("problems[1].cause").await.clear().await.unwrap();
    desk.write("other", "全年办理行政复议案件XX件，同比增长130%。").await;
    desk.until("document.getElementById('other-findings').textContent.includes('XX')").await;
    desk.settled().await;
    desk.press("#findings-button").await;
    desk.press("#findings-panel .jump").await;
    desk.until("document.activeElement.id === 'problems[1].cause'").await;
    desk.bring_to_view("problems[1].cause").await;
    desk.picture("form-findings").await;

    desk.write("problems[1].cause", &cause).await;
    desk.control("other").await.clear().await.unwrap();
    desk.press("#findings-button").await;
    desk.settled().await;
    desk.press("[value='pdf']").await;
    desk.until("document.getElementById('notice-pdf').textContent.includes('已生成')").await;
    let pdf = Document::read(std::fs::read(desk.downloaded(".pdf").await).unwrap());
    assert!(pdf.text().contains("群众办事更加方便。"));
    desk.ask("scrollTo(0, 0); document.getElementById('pages').scrollTop = 0").await;
    desk.picture("form-done").await;
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bureau_comes_from_the_upload_to_the_overview() {
    let desk = Desk::open(PICTURED, "/batches").await;
    desk.picture("batch-upload").await;
    let of_the_year = (0..).map(province::report).filter(|report| report["year"] == 2024);
    let reports = of_the_year.take(12).enumerate().map(|(number, mut report)| {
        if number == 2 {
            report["problems"][0]["cause"] = Value::Null;
        }
        let name = report["issuer"]["short_name"].as_str().unwrap().to_owned();
        (format!("{:02}-{name}.json", number + 1), province::file(report))
    });
    let reports: Vec<(String, Vec<u8>)> = reports.collect();
    let file = desk.folder.path().join("各区2024年报告.zip");
    std::fs::write(&file, zip_of(reports.iter().map(|(name, text)| (name.as_str(), text.as_slice()))))
        .unwrap();
    desk.control("batch").await.send_keys(file.to_string_lossy().into_owned()).await.unwrap();
    desk.press("[data-upload] button").await;
    desk.until("document.querySelector('[data-summary]').textContent.startsWith('12 个单位都检查过了：有错误的 1 个')")
        .await;
    desk.until("document.querySelectorAll('details').length").await;
    desk.ask("Array.from(document.querySelectorAll('details')).find((one) => one.querySelector('.tag-error')).open = true")
        .await;
    desk.picture("batch-checked").await;
    desk.press("button[value=start]").await;
    desk.until("document.querySelector('[data-batch]').dataset.state === 'completed_with_failures'").await;
    desk.picture("batch-done").await;
    desk.press("a[download]").await;
    let archive = unpacked(&desk.downloaded("-法治政府建设年度报告.zip").await);
    keep_page(archive["overview.pdf"].clone(), "overview");
    desk.close().await;
}

/// A report with a few faults, and a plan that it says nothing of.
#[test]
fn a_reviewer_prints_the_sheet() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let report = sample().replacen("依法行政水平稳步提高", "依法行政水平显着提高", 1).replacen(
        "全年受理行政复议案件386件",
        "全年受理行政复议案件XX件",
        1,
    );
    let plan = &press().templates.find("work-plan").unwrap().sample;
    for (name, text) in [("report.yaml", &report), ("plan.yaml", plan)] {
        std::fs::write(path(name), text).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_nianbao"))
        .args(["check", "report.yaml", "--plan", "plan.yaml", "--sheet", "sheet.pdf", "--fonts"])
        .arg(project().join("fonts"))
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    let pdf = std::fs::read(path("sheet.pdf")).unwrap();
    assert!(Document::read(pdf.clone()).text().contains("审核意见表"));
    keep_page(pdf, "sheet");
}
