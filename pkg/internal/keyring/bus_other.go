//go:build !unix || darwin

package keyring

// reachable returns nil: this platform's keyring does not use D-Bus.
func reachable(string) error { return nil }

func busKind(error) error { return nil }
