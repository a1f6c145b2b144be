package guardtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/sallyport-dev/sallyport/sqlguard"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
)

// slowest is what no text may take, with much room for a busy machine.
const slowest = time.Second

// WorstCases sends texts that make a parser recurse through the guard, those
// of every dialect and the dialect's own, at sizes around every cap and far
// beyond, up to the longest text that a policy can allow. It is meant for a
// process with a small stack, which a crash would end.
func WorstCases(a dialect.Adapter, own map[string]func(n int) string) error {
	texts := maps.Clone(deepest)
	maps.Copy(texts, own)
	var problems []error
	for _, preset := range presets {
		g, err := sqlguard.New(sqlguard.Config{Adapter: a, Policy: sqlguard.Policy{Preset: preset, Tables: []string{"*"}, MaxLength: sqlguard.MaxMaxLength}})
		if err != nil {
			return err
		}
		for name, text := range texts {
			for _, n := range sizes() {
				start := time.Now()
				_, err := g.Check(context.Background(), text(n))
				if took := time.Since(start); took > slowest {
					problems = append(problems, fmt.Errorf("%s: %d of them took %v", name, n, took))
				}
				var refusal *sqlguard.Refusal
				if err != nil && !errors.As(err, &refusal) {
					problems = append(problems, fmt.Errorf("%s: %d of them: %w", name, n, err))
				}
			}
		}
	}
	return errors.Join(problems...)
}

func sizes() []int {
	var list []int
	for n := 1; n <= 16_384; n *= 2 {
		list = append(list, n)
	}
	for n := 10; n < 140; n += 3 {
		list = append(list, n)
	}
	for _, around := range []int{40, 48, 128} { // the caps themselves
		list = append(list, around-2, around-1, around, around+1)
	}
	return append(list, 600, 800, 1_200, 2_490, 9_900, 31_900)
}
