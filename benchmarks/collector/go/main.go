// A collector as one would write it in Go: `peer serve PORT KEY BOOTSTRAP TOPIC`, `peer steps FILE STEP ROUNDS BODIES`.
package main

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	switch {
	case len(arguments) == 3 && arguments[0] == "serve":
		return serve(arguments[1], arguments[2], nowhere{})
	case len(arguments) == 5 && arguments[0] == "serve":
		to, err := toKafka(arguments[3], arguments[4])
		if err != nil {
			return err
		}
		return serve(arguments[1], arguments[2], to)
	case len(arguments) == 5 && arguments[0] == "steps":
		return steps(arguments[1], arguments[2], arguments[3], arguments[4])
	}
	return fmt.Errorf("peer serve PORT KEY [BOOTSTRAP TOPIC] | peer steps FILE STEP ROUNDS BODIES")
}

func serve(port, key string, to publisher) error {
	return http.ListenAndServe("127.0.0.1:"+port, service(key, to))
}

func steps(file, step, rounds, bodies string) error {
	body, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	numbers := [2]int{}
	for at, text := range [2]string{rounds, bodies} {
		if numbers[at], err = strconv.Atoi(text); err != nil {
			return err
		}
	}
	ns, err := nsABody(body, step, numbers[0], numbers[1])
	if err != nil {
		return err
	}
	fmt.Println(ns)
	return nil
}
