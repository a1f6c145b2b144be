package config

import "time"

// Default returns the configuration of `sallyport serve SOURCE` without a file: loopback, keys required, no source
// yet. Add one with DefaultSource, then call Validate.
func Default() Config {
	return Config{
		Listen:   "127.0.0.1:8080",
		Topology: Topology{Kind: TopologyDirect},
		Access: Access{
			Bearer:  Bearer{Skew: Duration(30 * time.Second)},
			Lockout: Lockout{Failures: 5, Pause: Duration(time.Minute)},
		},
		CORS: CORS{Mode: "header", MaxAge: Duration(10 * time.Minute)},
		Perimeter: Perimeter{
			PerClient:  "30/minute",
			PerNetwork: PerNetwork{IPv4: 24, IPv6: 48, Rate: "300/minute"},
			PerASN:     PerASN{Rate: "600/minute"},
			Global:     "200/minute",
			Catalog:    "120/minute",
			Other:      "60/minute",
			Memory:     64 * mib,
			InFlight:   InFlight{PerClient: 4, Global: 10, Queue: 50, Wait: Duration(5 * time.Second)},
			Store:      StoreMemory,
		},
		HTTP: HTTP{
			ReadHeaderTimeout: Duration(5 * time.Second),
			ReadTimeout:       Duration(15 * time.Second),
			WriteTimeout:      Duration(30 * time.Second),
			IdleTimeout:       Duration(60 * time.Second),
			MaxHeader:         16 * kib,
			MaxBody:           64 * kib,
			ShutdownGrace:     Duration(20 * time.Second),
		},
		Responses: Responses{Compression: true, CSVFormulas: CSVFormulasKeep},
		Log:       Log{Format: LogText, Level: LogInfo},
	}
}

// DefaultSource returns a source with every default: all tables, the strict preset. Name and location are the caller's.
func DefaultSource(name, location string) Source {
	return Source{
		Name:     name,
		Location: location,
		Preset:   PresetStrict,
		Tables:   []string{"*"},
		Schemas:  []string{"public"},
		Pool:     Pool{Min: 3, Max: 6, Wait: Duration(15 * time.Second)},
		Limits: Limits{
			Deadline: Duration(15 * time.Second),
			Rows:     1000,
			Bytes:    mib,
			SQL:      10_000,
			Memory:   512 * mib,
			Threads:  2,
			Temp:     2 * gib,
			Workers:  2,
			Spares:   1,
		},
	}
}
