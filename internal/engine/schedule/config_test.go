package schedule

import (
	"strings"
	"testing"
	"time"
)

func TestConfig(t *testing.T) {
	good := Config{Places: 2, Spares: 1, Queue: 10, Wait: time.Second}
	for name, c := range map[string]struct {
		change func(*Config)
		want   []string // in the error; none: it is right
	}{
		"right":            {func(*Config) {}, nil},
		"no queue":         {func(c *Config) { *c = Config{Places: 1} }, nil},
		"zero":             {func(c *Config) { *c = Config{} }, []string{"Config.Places"}},
		"too many places":  {func(c *Config) { c.Places = maxPlaces + 1 }, []string{"Config.Places"}},
		"negative spares":  {func(c *Config) { c.Spares = -1 }, []string{"Config.Spares"}},
		"spares, no queue": {func(c *Config) { c.Queue, c.Wait = 0, 0 }, []string{"Config.Spares"}},
		"queue too long":   {func(c *Config) { c.Queue = maxQueue + 1 }, []string{"Config.Queue"}},
		"client over all":  {func(c *Config) { c.QueuePerClient = 11 }, []string{"Config.QueuePerClient"}},
		"no wait":          {func(c *Config) { c.Wait = 0 }, []string{"Config.Wait"}},
		"long wait":        {func(c *Config) { c.Wait = time.Hour }, []string{"Config.Wait"}},
		"long running":     {func(c *Config) { c.LongRunning = -1 }, []string{"Config.LongRunning"}},
		"half-life":        {func(c *Config) { c.HalfLife = time.Millisecond }, []string{"Config.HalfLife"}},
		"all at once": {
			func(c *Config) {
				*c = Config{Spares: -1, Queue: -1, QueuePerClient: -1, Wait: -1, LongRunning: -1, HalfLife: -1}
			},
			[]string{"Places", "Spares", "Queue", "QueuePerClient", "Wait", "LongRunning", "HalfLife"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			config := good
			c.change(&config)
			s, err := New(config)
			if len(c.want) == 0 {
				if err != nil || s == nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || s != nil {
				t.Fatalf("%+v: no error", config)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want+" is ") {
					t.Errorf("%v: does not name %s", err, want)
				}
			}
		})
	}
}

func TestConfigDerived(t *testing.T) {
	c := Config{Places: 1, Queue: 2, Wait: time.Second}
	if err := c.validate(); err != nil {
		t.Fatal(err)
	}
	if c.QueuePerClient != 1 || c.LongRunning != time.Second || c.HalfLife != 30*time.Second {
		t.Errorf("derived: %+v", c)
	}
}
