package config

// workerSettings are for what all sources share: memory, the sandbox, and how answers are written.
func workerSettings() []*setting {
	return []*setting{
		{
			path: "memory", kind: kindSize, least: 256 * mib, most: 64 * tib, optional: true, example: "4GiB",
			absent: "80% of the machine's memory, or of the control group's",
			doc:    "The resident memory of the server and all its workers together. When it is reached, the worker that takes most is ended, and its query refused by `sql.memory`.",
			why:    "`limits.memory` bounds DuckDB's buffers, not what its functions allocate, and not the sum. Without a budget the kernel ends whatever it chooses.",
			at:     func(c *Config) any { return &c.Memory },
		},
		{
			path: "sandbox.required", kind: kindBool,
			doc: "`true` refuses to start where the kernel lacks a part of what encloses the workers of files: Landlock, seccomp, resource limits, the death of a worker with its server.",
			why: "What the kernel has is always used, and what it lacks is logged once. Require it where you know that it is there.",
			at:  func(c *Config) any { return &c.Sandbox.Required },
		},
		{
			path: "responses.compression", kind: kindBool,
			doc: "Whether answers are compressed (zstd or gzip) for clients that accept it.",
			why: "Results compress well. Switch it off where a proxy does it already.",
			at:  func(c *Config) any { return &c.Responses.Compression },
		},
		{
			path: "responses.csv_formulas", kind: kindChoice, oneOf: []string{"keep", "escape"},
			doc: "What becomes of text in CSV answers that a spreadsheet would take for a formula, because it begins with `=`, `+`, `-`, `@`, a tab or the like: `keep` leaves it, `escape` puts an apostrophe before it. A request may say otherwise.",
			why: "`keep`, because programs read what is stored. Choose `escape` where people open answers in a spreadsheet, and others can write into the data.",
			at:  func(c *Config) any { return &c.Responses.CSVFormulas },
		},
	}
}
