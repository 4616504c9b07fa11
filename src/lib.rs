//! **nianbao** (年报) makes China's 法治政府建设年度报告 from structured input: the mandated outline,
//! the layout of GB/T 9704-2012, as PDF.
//!
//! The program is one way through its rooms, and no arrow turns back:
//!
//! ```text
//!             input ──▶ report ──▶ checks ──▶ template ──▶ typeset ──▶ export
//!  bytes       read     Report     check        fill        typeset     export     bytes
//!                                    └───────── pipeline ─────────┘
//!                                            ▲
//!                                   workers ◀── batch (many) ◀── jobs (that outlive the program)
//!                                            ▲                    ▲
//!                                           cli                  web        ◀── main
//! ```
//!
//! Beside it stands the way in from documents that are not input yet:
//!
//! ```text
//!  any document ──▶ import ──▶ input
//!                   recognise
//! ```
//!
//! [`report`] knows nobody; [`diagnostic`] is how any room says what is wrong; [`installation`] is
//! the one door through which faces and templates come in; [`pipeline`] is where the stages meet.
//! [`digest`] chooses what of a report stands in its 成绩单,
//! [`difference`] tells what one report says that another does not, and merges what two wrote.
//! [`conform`] measures a finished PDF and knows nothing of how it was made; [`faces`] names the faces
//! of each role for setting and for measuring; [`language`] knows what official prose is, apart from what
//! is wrong with it. [`pdf`] opens a PDF of anyone within bounds, `packed` has the rule against ZIP bombs,
//! [`intake`] takes a file of many reports apart. [`preview`] shows a report beside the form, [`sheets`]
//! makes what tells about reports, [`file_name`] says what files are called. [`workers`] is the pipeline and
//! every reader of other people's bytes behind a process boundary, [`batch`] many reports through it,
//! [`jobs`] the same for a service: queued, durable, on one machine or several. [`audit`] is the record of what
//! was done, [`outbox`] what is to go out to units and other programs, [`post`] sends it, [`traces`] is what
//! a collector is told of requests,
//! [`backup`] is all of it in one file and back, [`accounts`] who may come in and what they may do,
//! [`collections`] what was asked of which units of the [`roster`] and what came, [`answers`] what was said to
//! programs that may ask again. [`import`] turns last year's document into input
//! and says where each sentence went; it asks [`language`] for what debris and figures are, as the checks do.
//! [`compilation`] makes of the reports of many units the beginning of the report of the bureau above them, and
//! puts their indicators side by side, which are known by [`indicators`]. [`system`] says in words what the operating
//! system says by numbers.
//!
//! # Glossary
//!
//! One word for one thing, in code, schema, templates and messages.
//!
//! | code | 中文 | what it is |
//! |---|---|---|
//! | `report` | 年度报告 | 法治政府建设年度报告 of one unit for one year |
//! | `issuer` | 报告单位 | the unit whose report it is |
//! | `edition` | 公开版、报送版 | for the public (`public`) or for the superior (`formal`) |
//! | `addressees` | 主送机关 | to whom the report goes |
//! | `preface` | 导语 | the paragraphs before the first heading |
//! | `measures` | 主要举措和成效 | section 1 |
//! | `problems` | 存在的不足和原因 | section 2 |
//! | `duties` | 第一责任人履职情况 | section 3 |
//! | `plans` | 下一年度主要安排 | section 4 |
//! | `other` | 其他需要报告的情况 | section 5 |
//! | `lead` | 段首句 | an emphasised opening of a paragraph; of a plan, 牵头单位 |
//! | `indicator` | 指标 | a figure worth a table |
//! | `indicator list` | 指标目录 | which indicators are known or prescribed, and by what each is the same in all units |
//! | `standing` | | what an indicator comes to in all units: totals, ranks, the median |
//! | `signature` | 发文机关署名 | who signs; with `date`, 成文日期 (date of issue) |
//! | `notes` | 附注 | |
//! | `attachment` | 附件 | |
//! | `header`, `letterhead` | 版头 | what stands above the red rule |
//! | `colophon` | 版记 | what stands at the foot of the last page |
//! | `document_number` | 发文字号 | |
//! | `signatories` | 签发人 | |
//! | `text_block` | 版心 | the 156 × 225 mm of a page that bear text |
//! | `face` | 字体 | one font file's face; `role` is the job it does: 仿宋, 楷体, … |
//! | `template` | 模板 | what stands where; `manifest` is what it says of itself |
//! | `form`, `control` | 填报表、栏目 | a report as it is asked for in a browser; where one field is entered |
//! | `unfinished`, `stand-in` | 未写完 | a report that lacks what it must have; what is shown in its place |
//! | `preview` | 版面 | the typeset pages beside the form |
//! | `draft` | 草稿 | a report on paper or in a browser that is not issued |
//! | `revision` | 修订 | a draft that several write, as it was after one of their saves |
//! | `conflict` | 写得不同之处 | what two made of one field, both kept until somebody has chosen |
//! | `batch`, `unit` | 一批、单位 | many reports made together; one of them, accounted for by its number |
//! | `workbook` | 征集表 | many reports as sheets of rows, for units to fill in |
//! | `overview` | 汇总 | what came of a batch, for whoever answers for all of it |
//! | `worker` | 排版进程 | a process that makes one report, or answers one question, at a time and can be killed |
//! | `question`, `answer` | | what a worker is asked about bytes from outside, and what it says |
//! | `staff`, `post` | | the workers of a service, and what each is there for |
//! | `listing` | | what was in a file of many reports, and where each lies in the plain one |
//! | `record`, `act` | 操作记录、操作 | what was done, by whom, to what: append-only, each entry chained to the one before |
//! | `roster` | 名录 | which units there are, with whom to ask there |
//! | `collection` | 征集 | one year's asking of many units for their reports |
//! | `submission` | 报送 | one unit's part in a collection: one each, from the opening on |
//! | `version` | 稿次 | what was submitted, unchangeable |
//! | `return`, `acceptance` | 退回、通过 | what a reviewer decides of a version |
//! | `sign-off` | 审签 | that a unit's leader answers for a version |
//! | `role`, `right` | 角色、权限 | what somebody is here, and what one may be allowed to do: one table |
//! | `visitor`, `session` | 访问者、会话 | who has come in, and from then until they go |
//! | `material`, `lot` | 上年报告和计划 | what units are given along; files for many of them that came together and wait to be confirmed |
//! | `expectation` | | what a collection says of a batch: how its reports are checked, and whose are missing |
//! | `entrance` | 单位入口 | the link and code of a unit for a collection, for several persons |
//! | `message`, `outbox` | 通知 | a mail to a unit, or a call to another program; where those wait that are to go out |
//! | `webhook` | 通知接口 | another program that is told what happens |
//! | `letter` | 通知书 | a unit's letter with what is asked, its link and code |
//! | `job` | 任务 | what is to be done next of a batch: a unit, or the archive |
//! | `round` | | one going-through of a batch; each retry of what failed is another |
//! | `package`, `part` | Word 文件 | a document for Word: a ZIP of XML; a file in it |
//! | `html`, `fragment` | 网页、网页片段 | a document as one file for a browser; as bare elements for the editor of a site |
//! | `imprint`, `data block` | | what a web page of ours says of itself; where it says it, with the document that it was made of |
//! | `wording` | | what a document says by itself, whatever it is made as |
//! | `trace`, `stage` | | what a request waited for and what was done for it, as a collector is told; a part of the way of a report in it |
//! | `store`, `archive` | 成果 | where what was made is kept; the ZIP that a batch comes to |
//! | `import` | 导入 | from any document to the contract |
//! | `account` | 导入情况 | what an import did: what went where, what was cleaned, what is unsure |
//! | `unplaced` | 未归类的文字 | what an import found no field for |
//! | `carry` | | this year's report, begun from last year's |
//! | `digest` | 成绩单 | a report at a glance, for the press: figures and sentences chosen from it |
//! | `tick` | 选择 | whether a figure or sentence of a report stands in its digest |
//! | `compilation`, `origin` | 汇编、出处 | the beginning of a bureau's own report, from those of its units; where each sentence of it is from |
//! | `press` | | faces and templates, ready to make reports |
//! | `guide`, `matter` | 事项指引、事项 | the menu of what a report should cover; `coverage` is which of it one touches, and `touch` where |
//! | `diagnostic`, `code`, `class` | 问题、代码、类别 | one thing wrong; the stable name of its kind; whose turn it is |

pub use nianbao_core::{
    checks, code, compilation, conform, diagnostic, difference, digest, faces, guide, import, indicators,
    input, intake, language, path, pdf, report, roster, system,
};

pub use nianbao_office::{accounts, answers, audit, collections, database, outbox};

pub mod backup;
pub mod batch;
pub mod cli;
pub mod explanation;
pub mod export;
pub mod file_name;
pub mod installation;
pub mod jobs;
pub mod pipeline;
pub mod post;
pub mod preview;
pub mod sheets;
pub mod template;
pub mod traces;
pub mod typeset;
pub mod web;
pub mod workers;
