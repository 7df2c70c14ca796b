package profile

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/daypass/daypass/pkg/internal/userfile"
)

// readTimeout limits the time to read a file: opening a named pipe waits for its writer, which may never come.
const readTimeout = 10 * time.Second

// ReadFile reads a regular file, pipe or descriptor of at most limit bytes, within ten seconds. It removes a byte order
// mark, which some editors add.
func ReadFile(name string, limit int64) ([]byte, error) {
	content, _, err := ReadTrusted(name, limit)
	return content, err
}

// ReadTrusted is ReadFile for a file that only this user should be able to change. Exposed is not nil if another user can.
func ReadTrusted(name string, limit int64) (content []byte, exposed *ExposedError, err error) {
	return readWithin(readTimeout, name, limit)
}

// readWithin leaves a goroutine behind if the timeout ends: a blocked open(2) cannot be interrupted.
func readWithin(timeout time.Duration, name string, limit int64) ([]byte, *ExposedError, error) {
	type result struct {
		content []byte
		exposed *ExposedError
		err     error
	}
	done := make(chan result, 1)
	go func() {
		content, exposed, err := readAll(name, limit)
		done <- result{content, exposed, err}
	}()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, nil, fmt.Errorf("reading %q: %w", name, userfile.WithoutPath(r.err))
		}
		return bytes.TrimPrefix(r.content, []byte("\ufeff")), r.exposed, nil
	case <-timer.C:
		return nil, nil, fmt.Errorf("reading %q: timed out after %s", name, timeout)
	}
}

func readAll(name string, limit int64) ([]byte, *ExposedError, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	content, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, nil, err
	}
	if int64(len(content)) > limit {
		return nil, nil, fmt.Errorf("longer than the limit of %d bytes", limit)
	}
	return content, exposure(name, info), nil
}
