//! Elements of the page.

pub use crate::output::figures::escaped;

/// An element with content that is HTML already.
pub fn element(name: &str, content: &str) -> String {
    format!("<{name}>{content}</{name}>")
}

/// A paragraph of plain text.
pub fn paragraph(text: &str) -> String {
    element("p", &escaped(text)) + "\n"
}

/// A table of two columns: what, and its value.
pub fn facts(rows: &[(&str, String)]) -> String {
    let row = |(name, value): &(&str, String)| {
        element("tr", &(element("td", &escaped(name)) + &element("td", &escaped(value)))) + "\n"
    };
    format!("<table class=\"facts\">{}</table>\n", rows.iter().map(row).collect::<String>())
}

/// A table whose first `n_words` columns are words, the others numbers; empty cells are dashes.
pub fn table(columns: &[&str], n_words: usize, rows: impl Iterator<Item = Vec<String>>) -> String {
    let class = |column: usize| if column < n_words { " class=\"word\"" } else { "" };
    let head = |(i, name): (usize, &&str)| format!("<th{}>{}</th>", class(i), escaped(name));
    let head: String = columns.iter().enumerate().map(head).collect();
    let cell = |(i, value): (usize, String)| {
        let value = if value.is_empty() && i >= n_words { "–".to_owned() } else { escaped(&value) };
        format!("<td{}>{value}</td>", class(i))
    };
    let row =
        |row: Vec<String>| element("tr", &row.into_iter().enumerate().map(cell).collect::<String>()) + "\n";
    let body: String = rows.map(row).collect();
    format!(
        "<div class=\"scroll\"><table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table></div>\n"
    )
}

/// Something that opens on demand.
pub fn details(summary: &str, content: &str) -> String {
    format!("<details><summary>{}</summary>\n{content}</details>\n", escaped(summary))
}
