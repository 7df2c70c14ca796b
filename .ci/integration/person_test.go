//go:build integration

package integration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/sandbox"
)

// personName is the name under which this test binary plays the person at a browser. daypass runs it as `person URL`;
// person.json is in the same directory.
const personName = "person"

// noise is printed as some browser launchers do. It must not be mistaken for daypass's output.
const noise = "NOISE"

// awayLimit bounds how long a person stays away, so that no process is left behind.
const awayLimit = 3 * time.Minute

// personConfig is the content of person.json.
type personConfig struct {
	Name    string // alice
	Sandbox bool   // the page is the sandbox's, not dex's
	Visits  string // a file with a line for each visit, each noise and each failure
	Away    string // while this file exists, the tab is open and the person does nothing
}

// person is the main function of the person. It returns the exit code.
func person(args []string) int {
	_, noiseErr := fmt.Printf("{\"Version\":1,\"AccessKeyId\":%q}\nexport AWS_ACCESS_KEY_ID=%s\n", noise, noise)
	fmt.Fprintln(os.Stderr, noise)
	var who personConfig
	text, err := os.ReadFile(filepath.Join(filepath.Dir(args[0]), personName+".json"))
	if err == nil {
		err = json.Unmarshal(text, &who)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	who.note("visit " + strings.Join(args[1:], " "))
	if noiseErr == nil {
		who.note(noise)
	}
	for deadline := time.Now().Add(awayLimit); isThere(who.Away) && time.Now().Before(deadline); {
		<-time.After(pollInterval)
	}
	// The person tries again after an error page: dex shows one now and then when the same person signs in twice at
	// the same time.
	jar, err := cookiejar.New(nil)
	for attempt := 0; err == nil && attempt < 3; attempt++ {
		signInErr := who.signInWith(jar, args[len(args)-1])
		if signInErr == nil {
			return 0
		}
		who.note("failed " + signInErr.Error())
	}
	return 1
}

func isThere(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func (s personConfig) note(line string) {
	f, err := os.OpenFile(s.Visits, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	defer f.Close()
	fmt.Fprintln(f, line)
}

var formAction = regexp.MustCompile(`<form[^>]*action="([^"]*)"`)

// signIn opens the URL as a browser does, submits dex's form, and follows redirects to the last page.
func (s personConfig) signIn(start string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	return s.signInWith(jar, start)
}

func (s personConfig) signInWith(jar http.CookieJar, start string) error {
	browser := &http.Client{Jar: jar, Timeout: 30 * time.Second}
	if s.Sandbox {
		_, status, err := sandbox.BrowseAs(context.Background(), browser, start, s.Name)
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("the last page has status %d", status)
		}
		return err
	}
	page, body, err := fetch(browser.Get(start))
	if err != nil {
		return err
	}
	form := formAction.FindStringSubmatch(body)
	if form == nil {
		return fmt.Errorf("no form at %s", page.Path)
	}
	action, err := page.Parse(html.UnescapeString(form[1]))
	if err != nil {
		return err
	}
	page, _, err = fetch(browser.PostForm(action.String(), url.Values{
		"login": {s.Name + "@example.com"}, "password": {password},
	}))
	if err == nil && strings.HasPrefix(page.Path, "/dex/") {
		err = errors.New("dex did not send me back")
	}
	return err
}

// fetch returns the address and the content of the page that a request ended at.
func fetch(resp *http.Response, err error) (*url.URL, string, error) {
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, "", err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, "", fmt.Errorf("%s answered %s: %.300s", resp.Request.URL.Path, resp.Status, body)
	}
	return resp.Request.URL, string(body), nil
}
