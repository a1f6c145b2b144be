package duckdb

import "testing"

func TestTableNames(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/data/flights.parquet": "flights", "/data/2024-01 sales.csv": "_2024_01_sales", "/data/a.b.csv.gz": "a",
		"/data/Ünïcode.csv": "_n_code", "/data/.csv": "_csv", "/data/'; DROP.csv": "___DROP", "/data/x\"y.parquet": "x_y",
	} {
		if got := tableName(path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestBitsAndBigNumbers(t *testing.T) {
	t.Parallel()
	for want, stored := range map[string][]byte{"": {0}, "1": {7, 0xff}, "10101010": {0, 0xaa}, "0111": {4, 0xf7}} {
		if got := string(bitText(stored)); got != want {
			t.Errorf("%x: %q, want %q", stored, got, want)
		}
	}
	for want, stored := range map[string][]byte{"0": {0x80, 0, 1, 0}, "255": {0x80, 0, 1, 0xff}, "-255": {0x7f, 0xff, 0xfe, 0x00}, "-1": {0x7f, 0xff, 0xfe, 0xfe}} {
		if got := string(bigNumText(stored)); got != want {
			t.Errorf("%x: %q, want %q", stored, got, want)
		}
	}
}
