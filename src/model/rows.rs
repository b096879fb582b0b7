//! Rows of numbers of one width, in one piece of memory: a row for each paragraph, a column for each topic.

/// A table of numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Rows {
    width: usize,
    values: Vec<f64>,
}

impl Rows {
    /// So many rows of zeros.
    pub(crate) fn zeros(rows: usize, width: usize) -> Rows {
        Rows { width, values: vec![0.0; rows * width] }
    }

    /// The rows of a table that is no longer than its first row is wide in any of them.
    pub(crate) fn of(rows: &[impl AsRef<[f64]>]) -> Rows {
        let width = rows.first().map_or(0, |row| row.as_ref().len());
        let mut all = Rows::zeros(rows.len(), width);
        all.rows_mut()
            .zip(rows)
            .for_each(|(to, from)| to.iter_mut().zip(from.as_ref()).for_each(|(to, &from)| *to = from));
        all
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.width..(i + 1) * self.width]
    }

    pub(crate) fn row_mut(&mut self, i: usize) -> &mut [f64] {
        &mut self.values[i * self.width..(i + 1) * self.width]
    }

    pub(crate) fn rows(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        self.values.chunks_exact(self.width.max(1))
    }

    pub(crate) fn rows_mut(&mut self) -> impl ExactSizeIterator<Item = &mut [f64]> {
        self.values.chunks_exact_mut(self.width.max(1))
    }
}
