//! Reading `/metrics`: the Prometheus text format, as far as sums over labels need it.

/// One scrape.
pub(crate) struct Metrics(Vec<Sample>);

struct Sample {
    name: String,
    labels: Vec<(String, String)>,
    value: f64,
}

impl Metrics {
    /// Reads the text format; lines that are not samples are comments.
    pub(crate) fn parse(text: &str) -> Self {
        Self(text.lines().filter(|line| !line.starts_with('#')).filter_map(Sample::parse).collect())
    }

    /// Sum of all series of this name that have these labels.
    pub(crate) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let matching = self.0.iter().filter(|sample| {
            sample.name == name
                && labels.iter().all(|(key, value)| sample.labels.iter().any(|(k, v)| k == key && v == value))
        });
        matching.map(|sample| sample.value).sum()
    }

    /// Whether a series of this name is there at all, also as a histogram.
    pub(crate) fn names(&self, name: &str) -> bool {
        self.0.iter().any(|sample| sample.name == name || sample.name == format!("{name}_count"))
    }
}

impl Sample {
    fn parse(line: &str) -> Option<Self> {
        let (series, value) = line.rsplit_once(' ')?;
        let (name, labels) = match series.split_once('{') {
            Some((name, labels)) => (name, labels.trim_end_matches('}')),
            None => (series, ""),
        };
        let labels = labels.split("\",").filter_map(|label| {
            let (key, text) = label.split_once("=\"")?;
            Some((key.to_owned(), text.trim_end_matches('"').to_owned()))
        });
        Some(Self { name: name.to_owned(), labels: labels.collect(), value: value.parse().ok()? })
    }
}

/// Parses a sample of every kind.
#[test]
fn a_scrape_is_read_as_prometheus_writes_it() {
    let metrics =
        Metrics::parse("# HELP x y\na_total{t=\"1\",s=\"a,b\"} 2\na_total{t=\"2\",s=\"a,b\"} 3\nb 4.5\nc_count 1\n");
    assert_eq!(metrics.sum("a_total", &[("s", "a,b")]), 5.0);
    assert_eq!(metrics.sum("a_total", &[("t", "2"), ("s", "a,b")]), 3.0);
    assert_eq!(metrics.sum("b", &[]), 4.5);
    assert!(metrics.names("c") && !metrics.names("d"));
}
