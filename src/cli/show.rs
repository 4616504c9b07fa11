//! The commands that show what the program has: sample, schema, templates, faces, explanations.

use std::fmt::Write;

use anyhow::{Context, Result, bail};

use super::{CommandEnd, configuration, faces_folder, terminal};
use crate::explanation;
use crate::guide;
use crate::indicators;
use crate::installation::Installation;
use crate::report::contract;
use crate::template::{Template, Templates};
use crate::typeset::{FaceRole, Fonts};

#[derive(clap::Args)]
pub(super) struct TemplateArguments {
    #[arg(value_name = "模板", default_value = "annual-report", help = "哪个模板，默认 annual-report")]
    template: String,
}

impl TemplateArguments {
    fn of<'a>(&self, templates: &'a Templates) -> Result<&'a Template> {
        templates
            .find(&self.template)
            .with_context(|| format!("没有叫“{}”的模板，可用的模板见 nianbao templates", self.template))
    }
}

pub(super) fn sample(arguments: TemplateArguments, installation: &Installation) -> Result<CommandEnd> {
    terminal::say(&arguments.of(&installation.open_templates()?)?.sample);
    Ok(CommandEnd::Fine)
}

/// The contract of what a template sets.
pub(super) fn schema(arguments: TemplateArguments, installation: &Installation) -> Result<CommandEnd> {
    let templates = installation.open_templates()?;
    let schema = contract::schema(arguments.of(&templates)?.manifest.document);
    terminal::say(&format!("{}\n", serde_json::to_string_pretty(schema)?));
    Ok(CommandEnd::Fine)
}

/// The program's own guide, for an office to make its own of.
pub(super) fn guide() -> Result<CommandEnd> {
    terminal::say(guide::BUILT_IN_TEXT);
    Ok(CommandEnd::Fine)
}

/// The program's own list of indicators, for an office to make its own of.
pub(super) fn indicators() -> Result<CommandEnd> {
    terminal::say(indicators::BUILT_IN_TEXT);
    Ok(CommandEnd::Fine)
}

/// All settings of a service, for an operator to make their own of.
pub(super) fn settings() -> Result<CommandEnd> {
    terminal::say(&configuration::blank(&terminal::command()));
    Ok(CommandEnd::Fine)
}

pub(super) fn templates(installation: &Installation) -> Result<CommandEnd> {
    let templates = installation.open_templates()?;
    for template in templates.iter() {
        let manifest = &template.manifest;
        terminal::say(&format!("{}  {}\n    {}\n", manifest.name, manifest.title, manifest.description));
    }
    Ok(CommandEnd::Fine)
}

pub(super) fn fonts(installation: &Installation) -> Result<CommandEnd> {
    let fonts = installation.open_fonts()?;
    let places: Vec<String> =
        faces_folder::places().iter().map(|place| place.display().to_string()).collect();
    let mut text = String::new();
    for role in FaceRole::all() {
        let of_role = || fonts.faces().iter().filter(move |face| face.role == role);
        let standing = match of_role().next() {
            Some(face) if face.is_official => "本单位字体",
            _ => "免费字体代用",
        };
        writeln!(text, "{}（{standing}）", role.name())?;
        for face in of_role() {
            let duty = if face.rank == 0 { "正用" } else { "补字" };
            writeln!(text, "    {duty}  {}", face.family)?;
            writeln!(text, "          文件：{}", face.file)?;
            writeln!(text, "          授权：{}", face.licence)?;
            if face.leaves_marks(fonts.faces()) {
                writeln!(text, "          引号：只有半个字宽，改用下面的字体里一字宽的")?;
            }
            if role.is_chinese() {
                writeln!(
                    text,
                    "          收字：GB 2312 的 6763 个汉字中有 {} 个，共 {} 个汉字",
                    Fonts::gb2312_coverage(face),
                    face.han_coverage()
                )?;
            }
        }
        writeln!(text, "    公文规定或通用的字体：{}", role.official().join("、"))?;
    }
    writeln!(
        text,
        "\n把本单位有授权的字体文件放进字体文件夹（{}），即优先使用。\n\
         没有用 --fonts 或环境变量 {} 指明的，依次看这几处，用最先找到的：{}",
        installation.fonts.display(),
        faces_folder::VARIABLE,
        places.join("、")
    )?;
    terminal::say(&text);
    Ok(CommandEnd::Fine)
}

pub(super) fn explain(code: &str) -> Result<CommandEnd> {
    if code.is_empty() {
        for code in explanation::all() {
            terminal::say(&format!("{}  {}〔{}〕\n", code.name, code.summary(), code.severity.label()));
        }
        return Ok(CommandEnd::Fine);
    }
    let Some(known) = explanation::find(code) else {
        let nearest = explanation::nearest(code).map_or_else(String::new, |near| format!("是不是“{near}”？"));
        bail!("没有“{code}”这个代码。{nearest}全部代码见 nianbao explain");
    };
    terminal::say(&format!("{}〔{}〕\n\n{}\n", known.name, known.severity.label(), known.page()));
    Ok(CommandEnd::Fine)
}
