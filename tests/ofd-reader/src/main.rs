//! `ofd-reader FILE FOLDER DPI` writes `1.png` and `1.txt`, and so on, into the folder; `ofd-reader FILE` only says
//! what is wrong with the structure. Ends with 1 where something is.

use std::error::Error;
use std::fs::{self, File};
use std::path::Path;
use std::process::ExitCode;

use ofd_core::graphics::PageBlock;
use ofd_core::{LoadedDocument, OfdReader, RenderOptions, check_path};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let file = arguments.first().ok_or("a file is wanted")?;
    let report = check_path(file);
    for problem in &report.problems {
        println!("{problem}");
    }
    if let [file, folder, resolution] = &arguments[..] {
        let mut reader = OfdReader::open(file)?;
        let body = reader.ofd().doc_bodies.first().ok_or("no document")?.clone();
        let document = reader.load_document(&body)?;
        let options = RenderOptions::with_dpi(resolution.parse()?);
        for page in 0..document.pages().len() {
            let path = |extension: &str| Path::new(folder).join(format!("{}.{extension}", page + 1));
            reader.render_page_to_file(&document, page, &options, path("png"))?;
            fs::write(path("txt"), text(&mut reader, &document, page)?)?;
        }
    }
    Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The characters of a page in the order of its objects, an object a line.
fn text(
    reader: &mut OfdReader<File>,
    document: &LoadedDocument,
    page: usize,
) -> Result<String, Box<dyn Error>> {
    let page = reader.load_page(document, &document.pages()[page].clone())?;
    let layers = page.content.into_iter().flat_map(|content| content.layers);
    let mut lines = String::new();
    for object in layers.flat_map(|layer| layer.objects) {
        if let PageBlock::Text(object) = object {
            lines.extend(object.text_codes.into_iter().filter_map(|code| code.text));
            lines.push('\n');
        }
    }
    Ok(lines)
}
