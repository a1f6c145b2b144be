package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/sallyport-dev/sallyport/internal/corpus"
)

// runCorpus judges every query and reports. Interrupted, it reports on those
// that it judged.
func (c *checkCommand) runCorpus(w *world, judge *corpus.Judge) error {
	in, err := c.openCorpus(w.ctx)
	if err != nil {
		return fmt.Errorf("--corpus: %w", err)
	}
	defer func() { _ = in.Close() }()
	list := &corpus.Refusals{W: w.stdout, Limit: c.Refusals, Width: width(w.stdout)}
	each := list.Add
	if c.JSON {
		each = corpus.JSON{W: w.stdout}.Add
	}
	report, err := corpus.Run(w.ctx, judge, in, c.Dialect, each)
	interrupted := err != nil && w.ctx.Err() != nil
	if err != nil && !interrupted {
		return fmt.Errorf("--corpus %s: %w", c.Corpus, err)
	}
	if !c.JSON {
		if err := errors.Join(list.Close(), report.Print(w.stdout, c.under())); err != nil {
			return err
		}
	}
	if interrupted {
		return fmt.Errorf("interrupted: %d queries were judged", report.Total())
	}
	return nil
}

// under says how the queries were judged.
func (c *checkCommand) under() string {
	if len(c.Schema) == 0 {
		return "preset " + c.Preset + ", names taken as given (no --schema)"
	}
	return "preset " + c.Preset + ", names by --schema"
}

func (c *checkCommand) openCorpus(ctx context.Context) (io.ReadCloser, error) {
	if c.Corpus == "-" {
		return interruptible(ctx, os.Stdin), nil
	}
	file, err := os.Open(c.Corpus)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil || info.IsDir() {
		_ = file.Close()
		if err == nil {
			err = fmt.Errorf("%s is a folder", c.Corpus)
		}
		return nil, err
	}
	if !info.Mode().IsRegular() { // somebody may never write to it
		return interruptible(ctx, file), nil
	}
	return file, nil
}

// interruptible takes over a file and makes a reader whose Read ends with the
// context. To close the file ends the goroutine, but for a read of a terminal:
// that which is waiting then ends with the process, which is about to end.
func interruptible(ctx context.Context, file *os.File) io.ReadCloser {
	r, w := io.Pipe()
	go func() {
		_, err := io.Copy(w, file)
		_ = w.CloseWithError(err)
	}()
	stop := context.AfterFunc(ctx, func() { _ = w.CloseWithError(ctx.Err()) })
	return pipe{PipeReader: r, file: file, stop: stop}
}

type pipe struct {
	*io.PipeReader
	file *os.File
	stop func() bool
}

func (p pipe) Close() error {
	p.stop()
	return errors.Join(p.PipeReader.Close(), p.file.Close())
}
