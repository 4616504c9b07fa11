//! Two examples of each command, for the end of its help. A test types every one.

/// The examples of a command; of none, those of the whole.
pub(super) fn of(command: &str) -> [&'static str; 2] {
    match command {
        "render" => [
            "nianbao render 报告.yaml -o 年报.pdf",
            "nianbao render 报告.yaml --edition formal -o 报送版.pdf",
        ],
        "check" => [
            "nianbao check 报告.yaml",
            "nianbao check 报告.yaml --last-year 上年.yaml --sheet 审核意见表.pdf",
        ],
        "conform" => ["nianbao conform 年报.pdf", "nianbao conform 年报.pdf --format json"],
        "digest" => {
            ["nianbao digest 报告.yaml -o 成绩单.pdf", "nianbao digest 报告.yaml --list -o 选择.yaml"]
        }
        "import" => [
            "nianbao import 上年报告.txt -o 导入的.yaml",
            "nianbao import 上年报告.txt --year 2024 -o 导入的.json",
        ],
        "carry" => [
            "nianbao carry 上年.yaml --year 2025 -o 今年.yaml",
            "nianbao carry 上年.yaml --year 2025 -o 今年.json --tasks 任务.yaml",
        ],
        "sample" => ["nianbao sample > 样例.yaml", "nianbao sample work-plan > 计划样例.yaml"],
        "schema" => ["nianbao schema > 报告.schema.json", "nianbao schema work-plan > 计划.schema.json"],
        "guide" => ["nianbao guide > 指引.toml", "nianbao check 报告.yaml --guide 指引.toml"],
        "templates" => ["nianbao templates", "nianbao templates --templates 自备模板"],
        "fonts" => ["nianbao fonts", "nianbao fonts --fonts fonts"],
        "explain" => ["nianbao explain", "nianbao explain missing-section"],
        "batch" => [
            "nianbao batch 各单位报告 -o 年报.zip",
            "nianbao batch 各单位报告 -o 齐全.zip --roster 名录.csv --also formal,review-sheet",
        ],
        "workbook" => {
            ["nianbao workbook -o 征集表.xlsx", "nianbao workbook --from 各单位报告 -o 已填的征集表.xlsx"]
        }
        "serve" => ["nianbao serve", "nianbao serve --accounts --data 数据"],
        "settings" => {
            ["nianbao settings > nianbao.toml", "nianbao doctor --settings nianbao.toml --listen 127.0.0.1:0"]
        }
        "doctor" => ["nianbao doctor", "nianbao doctor --data 新数据 --listen 127.0.0.1:0"],
        "audit" => ["nianbao audit verify --data 数据", "nianbao audit head --data 数据"],
        "backup" => ["nianbao backup 备份.zip --data 数据", "nianbao backup 备份.zip --data 数据 --force"],
        "restore" => ["nianbao restore 备份.zip --data 恢复的数据", "nianbao restore 备份.zip --data 另一处"],
        "completions" => ["nianbao completions bash > nianbao.bash", "nianbao completions zsh > _nianbao"],
        "man" => ["nianbao man 手册页", "nianbao man 手册页 && ls 手册页"],
        _ => ["nianbao sample > 报告.yaml", "nianbao render 报告.yaml -o 年报.pdf"],
    }
}
