//! The only printer of tables. A table that is too wide for the terminal changes its shape before
//! words are broken.

use super::layout::{columns_of, pieces, widest_word};

/// The spaces between two columns.
const GAP: usize = 2;

/// A head and rows of cells; each row may have further lines below it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    head: Vec<String>,
    rows: Vec<Row>,
    least: Vec<usize>,
    headless: bool,
}

#[derive(Debug, Clone)]
struct Row {
    cells: Vec<String>,
    below: Vec<String>,
}

/// The shape of a table, the widest first.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    /// One line per row; columns are as wide as their cells.
    Plain(Vec<usize>),
    /// The first cell on a line of its own, once for rows that share it; the other cells below.
    Led(Vec<usize>),
    /// One line per cell, after the name of its column.
    Records,
}

impl Table {
    /// Creates a table with these columns.
    #[must_use]
    pub(crate) fn new(head: &[&str]) -> Self {
        let head: Vec<String> = head.iter().map(|name| (*name).to_owned()).collect();
        let least = head.iter().map(|name| columns_of(name)).collect();
        Table { head, least, ..Table::default() }
    }

    /// Sets the minimum width of a column, for a table that is printed in parts.
    #[must_use]
    pub(crate) fn at_least(mut self, column: usize, width: usize) -> Self {
        if let Some(least) = self.least.get_mut(column) {
            *least = width.max(*least);
        }
        self
    }

    /// Leaves out the head, which an earlier part has printed.
    #[must_use]
    pub(crate) fn without_head(mut self) -> Self {
        self.headless = true;
        self
    }

    /// Adds a row with one cell per column; cells may be coloured.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(Row { cells: cells.into_iter().collect(), below: Vec::new() });
    }

    /// Adds lines below the last row.
    pub(crate) fn below(&mut self, lines: impl IntoIterator<Item = String>) {
        if let Some(row) = self.rows.last_mut() {
            row.below.extend(lines);
        }
    }

    /// Whether the table has no rows.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Formats the table for a terminal of `width` columns, or for a pipe (`None`). The printer
    /// wraps the lines below the rows.
    #[must_use]
    pub(crate) fn text(&self, width: Option<usize>) -> String {
        let texts = self.shapes(width).into_iter().map(|shape| self.in_shape(&shape));
        texts.min_by_key(|text| text.lines().count()).unwrap_or_default()
    }

    fn in_shape(&self, shape: &Shape) -> String {
        let mut text = String::new();
        if !self.headless {
            match shape {
                Shape::Plain(widths) => push_cells(&mut text, 0, &self.head, widths),
                Shape::Led(widths) => {
                    text.push_str(&format!("{}\n", self.head[0]));
                    push_cells(&mut text, GAP, &self.head[1..], widths);
                }
                Shape::Records => {}
            }
        }
        let mut lead: Option<&str> = None;
        for (at, Row { cells, below }) in self.rows.iter().enumerate() {
            match shape {
                Shape::Plain(widths) => push_cells(&mut text, 0, cells, widths),
                Shape::Led(widths) => {
                    if lead.replace(&cells[0]) != Some(&cells[0]) {
                        text.push_str(&format!("{}\n", cells[0]));
                    }
                    push_cells(&mut text, GAP, &cells[1..], widths);
                }
                Shape::Records => {
                    if at > 0 || self.headless {
                        text.push('\n');
                    }
                    let label = self.head.iter().map(|name| columns_of(name)).max().unwrap_or(0);
                    let filled = self.head.iter().zip(cells).filter(|(_, cell)| !cell.is_empty());
                    for (name, cell) in filled {
                        text.push_str(&format!("{name:<label$}  {cell}\n"));
                    }
                }
            }
            below.iter().for_each(|line| text.push_str(&format!("{line}\n")));
        }
        text
    }

    /// The shape in which no cell has to be wrapped, or else the shapes that wrap cells, of which
    /// the caller takes the shortest result.
    fn shapes(&self, width: Option<usize>) -> Vec<Shape> {
        let natural = self.widths(columns_of);
        let Some(width) = width else { return vec![Shape::Plain(natural)] };
        let words = self.widths(widest_word);
        let is_led = self.head.len() > 2;
        let led = width.saturating_sub(GAP);
        let all = |widths: &[usize]| widths.iter().sum::<usize>() + GAP * (widths.len().max(1) - 1);
        if all(&natural) <= width {
            return vec![Shape::Plain(natural)];
        }
        if is_led && natural[0] <= width && all(&natural[1..]) <= led {
            return vec![Shape::Led(natural[1..].to_vec())];
        }
        let mut shapes = Vec::new();
        if all(&words) <= width {
            let room = width - all(&words);
            shapes.push(Shape::Plain(share(words.clone(), &natural, room)));
        }
        if is_led && words[0] <= width && all(&words[1..]) <= led {
            let room = led - all(&words[1..]);
            shapes.push(Shape::Led(share(words[1..].to_vec(), &natural[1..], room)));
        }
        if shapes.is_empty() {
            shapes.push(Shape::Records);
        }
        shapes
    }

    /// The width of each column by `measure`, but at least its minimum.
    fn widths(&self, measure: impl Fn(&str) -> usize) -> Vec<usize> {
        let mut widths = self.least.clone();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(&row.cells) {
                *width = measure(cell).max(*width);
            }
        }
        widths
    }
}

/// Widens `widths` towards `wanted` by `room` columns in total, beginning with the columns that
/// lack least, so that as few columns as possible are wrapped.
fn share(mut widths: Vec<usize>, wanted: &[usize], mut room: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..widths.len()).collect();
    order.sort_by_key(|at| wanted[*at].saturating_sub(widths[*at]));
    for at in order {
        let more = wanted[at].saturating_sub(widths[at]).min(room);
        widths[at] += more;
        room -= more;
    }
    widths
}

/// Adds a row of cells; it takes several lines if a cell is wider than its column.
fn push_cells(text: &mut String, indent: usize, cells: &[String], widths: &[usize]) {
    let wrapped: Vec<Vec<String>> = cells
        .iter()
        .zip(widths)
        .map(|(cell, width)| match columns_of(cell) <= *width {
            true => vec![cell.clone()],
            false => pieces(cell, *width, *width),
        })
        .collect();
    let lines = wrapped.iter().map(Vec::len).max().unwrap_or(0);
    for number in 0..lines {
        let mut line = " ".repeat(indent);
        for (cell, width) in wrapped.iter().zip(widths) {
            let piece = cell.get(number).map_or("", String::as_str);
            line.push_str(piece);
            line.push_str(&" ".repeat((width + GAP).saturating_sub(columns_of(piece))));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["NAME", "STATE", "WHY"]);
        table.row(["postgresql://a".to_owned(), "good".to_owned(), "it was seen".to_owned()]);
        table.row(["postgresql://a".to_owned(), "bad".to_owned(), "-".to_owned()]);
        table.below(["  a line below".to_owned()]);
        table
    }

    #[test]
    fn into_a_pipe_columns_are_as_wide_as_their_cells() {
        let wide = "NAME            STATE  WHY\n\
                    postgresql://a  good   it was seen\n\
                    postgresql://a  bad    -\n  a line below\n";
        assert_eq!(table().text(None), wide);
        assert_eq!(table().text(Some(34)), wide);
    }

    #[test]
    fn a_table_changes_its_shape_before_a_word_breaks() {
        assert_eq!(
            table().text(Some(33)),
            "NAME\n  STATE  WHY\npostgresql://a\n  good   it was seen\n  bad    -\n  a line below\n"
        );
        assert_eq!(
            table().text(Some(16)),
            "NAME\n  STATE  WHY\npostgresql://a\n  good   it was\n         seen\n  bad    -\n  a line below\n"
        );
        assert_eq!(
            table().text(Some(10)),
            "NAME   postgresql://a\nSTATE  good\nWHY    it was seen\n\n\
             NAME   postgresql://a\nSTATE  bad\nWHY    -\n  a line below\n"
        );
        for width in 16..40 {
            let text = table().text(Some(width));
            assert!(text.lines().all(|line| columns_of(line) <= width), "{width}: {text}");
        }
    }

    #[test]
    fn parts_of_a_table_have_the_same_columns() {
        let part = |name: &str| {
            let mut part = Table::new(&["NAME", "STATE"]).at_least(0, 6).without_head();
            part.row([name.to_owned(), "good".to_owned()]);
            part.text(None)
        };
        assert_eq!(part("a") + &part("b"), "a       good\nb       good\n");
    }
}
