package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/sallyport-dev/sallyport/apikey"
	"github.com/sallyport-dev/sallyport/internal/config"
)

type demoCommand struct {
	Data   string `help:"Folder with the demo's data." default:"examples/flights"`
	Listen string `help:"Address of the API." placeholder:"HOST:PORT" default:"127.0.0.1:8080"`
}

// Run serves the demo's data with a key that lives as long as the process.
func (c *demoCommand) Run(w *world) error {
	if _, err := os.Stat(c.Data); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no demo data in %s; run this in the checkout, or name the folder with --data", c.Data)
	}
	cfg := config.Default()
	cfg.Listen = c.Listen
	source := config.DefaultSource("flights", c.Data)
	source.Notes = "US domestic flights of January and February 2001 (table flights: date, delay in minutes, distance in miles, " +
		"origin and destination as IATA codes) and the airports they name (table airports)."
	cfg.Sources = []config.Source{source}
	if err := cfg.Validate(config.Facts{EnvKey: true}); err != nil {
		return err
	}
	keys, shown, err := demoKey(w)
	if err != nil {
		return err
	}
	return serve(w, cfg, keys, running{ready: func(url string) error {
		_, err := fmt.Fprintf(w.stdout, demoText, url, shown)
		return err
	}})
}

// demoText has the address and the key in double quotes, in which a shell puts
// the value of a variable.
const demoText = `
Key: %[2]s

Ask a question from another terminal:

  curl -s %[1]s/v1/query -H "X-API-Key: %[2]s" -H 'Content-Type: application/json' -d '{"sql":"SELECT origin, count(*) AS flights, round(avg(delay), 1) AS delay FROM flights GROUP BY origin ORDER BY flights DESC LIMIT 5"}'

And one that is refused, with the reason:

  curl -s %[1]s/v1/query -H "X-API-Key: %[2]s" -H 'Content-Type: application/json' -d '{"sql":"SELECT * FROM flights a, flights b"}'

`

// demoKey takes the key of the environment or makes one, which ends with the
// process. What is printed is the key itself only if it was made here.
func demoKey(w *world) (keys *apikey.Store, shown string, err error) {
	plaintext, given := w.getenv(keyVariable)
	var key apikey.Key
	scopes := []apikey.Scope{apikey.Query}
	if given {
		shown = "$" + keyVariable
		key, err = apikey.FromPlaintext("environment", plaintext, scopes)
	} else {
		key, shown, err = apikey.Generate("demo", scopes, time.Time{}, time.Now())
	}
	if err != nil {
		return nil, "", err
	}
	set, err := apikey.NewSet(key)
	if err != nil {
		return nil, "", err
	}
	return apikey.NewStore(set), shown, nil
}
