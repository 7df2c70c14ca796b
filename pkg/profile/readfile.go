package profile

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"time"
)

// readPatience is how long a file may take to be read: opening a named pipe waits for its writer, who
// may have to ask a person first, or may never come.
const readPatience = 10 * time.Second

// ReadFile reads a regular file, pipe or descriptor of at most limit bytes, within ten seconds, and
// leaves out the byte order mark that some editors put first.
func ReadFile(name string, limit int64) ([]byte, error) {
	content, _, err := ReadTrusted(name, limit)
	return content, err
}

// ReadTrusted is ReadFile for a file that daypass goes by. Exposed is not nil if another user can change it.
func ReadTrusted(name string, limit int64) (content []byte, exposed *ExposedError, err error) {
	return readWithin(readPatience, name, limit)
}

// readWithin leaves a read that takes longer behind: nothing ends an open(2) that waits.
func readWithin(patience time.Duration, name string, limit int64) ([]byte, *ExposedError, error) {
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
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, nil, fmt.Errorf("reading %q: %w", name, cause(r.err))
		}
		return bytes.TrimPrefix(r.content, []byte("\ufeff")), r.exposed, nil
	case <-timer.C:
		return nil, nil, fmt.Errorf("reading %q: nothing came of it within %s", name, patience)
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
