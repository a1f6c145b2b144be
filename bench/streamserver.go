package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// startScan starts the engine by itself.
func (w *workshop) startScan(ctx context.Context, parquet string) (*contender, error) {
	return w.startSelf(ctx, "the engine by itself", scanWord, parquet)
}

// startBareOver starts the bare handler over another file.
func (w *workshop) startBareOver(ctx context.Context, parquet string) (*contender, error) {
	return w.startSelf(ctx, "bare handler", bareWord, parquet)
}

// streamYAML is the source of many rows.
const streamYAML = perimeterYAML + `sources:
  flights:
    location: %q
    preset: strict
    tables: ["*"]
    limits: {deadline: 20s, rows: ` + streamLimit + `, bytes: 1GiB, sql: 10kB, memory: %s, threads: %d, temp: 2GiB, workers: %d, spares: 1}
`

// startStreaming starts Sallyport over the file. It returns what is in its
// configuration file.
func (w *workshop) startStreaming(ctx context.Context, parquet string) (*contender, string, error) {
	file := filepath.Join(w.dir, "bench-stream.yaml")
	yaml := fmt.Sprintf(streamYAML, filepath.Join(w.dir, "cache"), parquet, workerMemory, threads, workers)
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		return nil, "", err
	}
	s, err := w.startSallyport(ctx, file)
	return s, yaml, err
}

// profileStreams lets perf watch the server while it streams without a pause.
func (r *results) profileStreams(ctx context.Context, w *workshop, full *contender, list []streamLoad) error {
	p := r.plan
	recorder, err := newRecorder(w, p)
	if err != nil {
		return err
	}
	for _, l := range list {
		found, err := recorder.profileServer(ctx, full, l.name, func() error {
			for end := time.Now().Add(recorder.longer()); time.Now().Before(end); {
				if _, err := drainOnce(ctx, full, streamQuery, l.format, p.streamRows); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		r.streamProfiles = append(r.streamProfiles, found)
	}
	return nil
}
