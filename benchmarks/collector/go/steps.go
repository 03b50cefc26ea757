package main

import (
	"fmt"
	"math"
	"time"
)

// nsABody is the least of so many rounds: what disturbs only ever adds.
func nsABody(body []byte, step string, rounds, bodies int) (float64, error) {
	text, err := inflate(body)
	if err != nil {
		return 0, err
	}
	once, known := map[string]func() error{
		"inflate":   func() error { _, err := inflate(body); return err },
		"parse raw": func() error { _, err := parse(text); return err },
		"raw":       func() error { _, err := check(body); return err },
	}[step]
	if !known {
		return 0, fmt.Errorf("no such step: %s", step)
	}
	least := math.Inf(1)
	for range rounds {
		began := time.Now()
		for range bodies {
			if err := once(); err != nil {
				return 0, err
			}
		}
		least = min(least, float64(time.Since(began).Nanoseconds())/float64(bodies))
	}
	return least, nil
}
