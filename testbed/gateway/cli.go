package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
)

// runCommand carries out the parts of the real command line that end at once; done is false when
// the gateway is to be started.
func runCommand(args []string, get func(string) string, out, problems io.Writer) (code int, done bool) {
	version := len(args) > 0 && args[0] == "--version"
	plugin := len(args) > 1 && args[0] == "plugin" && args[1] == "load"
	if !version && !plugin {
		return 0, false
	}
	c, err := loadConfig(get)
	if err != nil {
		fmt.Fprintf(problems, "stand-in gateway: %v\n", err)
		return 2, true
	}
	if plugin {
		return loadPlugin(c.class, args[2:], out, problems), true
	}
	fmt.Fprintln(problems, c.class.version) // the real command line writes it to stderr too
	return 0, true
}

// loadPlugin answers as "tyk plugin load -f FILE -s SYMBOL" does.
func loadPlugin(c class, args []string, out, problems io.Writer) int {
	var files, symbol string
	for i := 0; i+1 < len(args); i += 2 {
		switch args[i] {
		case "-f", "--file":
			files = args[i+1]
		case "-s", "--symbol":
			symbol = args[i+1]
		}
	}
	for _, file := range strings.Split(files, ",") {
		if err := openPlugin(file, c); err != nil {
			fmt.Fprintf(problems, "tyk: error: unexpected error: %v, try --help\n", err)
			return 1
		}
		fmt.Fprintf(out, "[file=%s, symbol=%s] loaded ok, got 0x1\n", file, symbol)
	}
	return 0
}

var builtFor = regexp.MustCompile(`_v?(\d+\.\d+\.\d+)_`)

// openPlugin judges a plugin without loading it, in the words of plugin.Open: it must exist, be an
// ELF object, and not carry the version of another gateway in its name (plugin_v5.9.1_linux_amd64.so).
func openPlugin(file string, c class) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("plugin.Open(%q): realpath failed", file)
	}
	if !strings.HasPrefix(string(data), "\x7fELF") {
		return fmt.Errorf("plugin.Open(%q): %s: invalid ELF header", file, file)
	}
	built := builtFor.FindStringSubmatch(file)
	if built != nil && built[1] != strings.TrimPrefix(c.version, "v") {
		return fmt.Errorf("plugin.Open(%q): plugin was built with a different version of package internal/goarch",
			strings.TrimSuffix(file, ".so"))
	}
	return nil
}
