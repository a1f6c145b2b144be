package redisdial

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"
)

// censor keeps the password out of what commands return.
type censor struct{ password string }

func (c censor) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c censor) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := c.error(next(ctx, cmd))
		if err != nil {
			cmd.SetErr(err)
		}
		return err
	}
}

func (c censor) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := c.error(next(ctx, cmds))
		for _, cmd := range cmds {
			if e := cmd.Err(); e != nil {
				cmd.SetErr(c.error(e))
			}
		}
		return err
	}
}

// error returns err itself unless its text has the password.
func (c censor) error(err error) error {
	// Nil is what a missing value is, and is compared with ==.
	if err == nil || err == redis.Nil || !strings.Contains(err.Error(), c.password) { //nolint:errorlint // the very value
		return err
	}
	return &censored{err: err, text: strings.ReplaceAll(err.Error(), c.password, "…")}
}

// censored is an error with another text. What it is stays: whether it came
// from the server, whether it was a timeout.
type censored struct {
	err  error
	text string
}

func (e *censored) Error() string { return e.text }

// Unwrap is for errors.Is and errors.As.
func (e *censored) Unwrap() error { return e.err }
