package sandbox

import (
	"context"
	"errors"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
)

// Browse opens a URL as a person's browser does: it stores cookies, follows redirects, and submits a form that a page
// submits by script. It returns the last page and its HTTP status. client may be nil; if it has a cookie jar, that is
// used.
func Browse(ctx context.Context, client *http.Client, address string) (page string, status int, err error) {
	browser, err := browserOf(client)
	if err != nil {
		return "", 0, err
	}
	page, resp, err := visit(ctx, browser, http.MethodGet, address, "")
	if err == nil && strings.Contains(page, submitScript) {
		page, resp, err = submitForm(ctx, browser, resp.Request.URL, page)
	}
	if err != nil {
		return "", 0, err
	}
	return page, resp.StatusCode, nil
}

// submitScript is the script of a page that submits its form without a click.
const submitScript = "document.forms[0].submit()"

// submitForm submits the form of such a page.
func submitForm(ctx context.Context, browser *http.Client, from *url.URL, page string) (string, *http.Response, error) {
	action := formAction.FindStringSubmatch(page)
	if action == nil {
		return "", nil, errors.New("the page submits a form that it does not have")
	}
	to, err := from.Parse(html.UnescapeString(action[1]))
	if err != nil {
		return "", nil, err
	}
	form := url.Values{}
	for _, field := range hiddenField.FindAllStringSubmatch(page, -1) {
		form.Add(html.UnescapeString(field[1]), html.UnescapeString(field[2]))
	}
	return visit(ctx, browser, http.MethodPost, to.String(), form.Encode())
}

// BrowseAs is Browse by a person who signs in as user. If a sign-in page of the sandbox appears, it presses the
// user's button, or Cancel if user is "", and returns the page after it.
func BrowseAs(ctx context.Context, client *http.Client, url, user string) (page string, status int, err error) {
	press := "cancel=yes"
	if user != "" {
		press = userButton(user)
	}
	return browseAndPress(ctx, client, url, press)
}

func userButton(user string) string { return url.Values{"user": {user}}.Encode() }

// hiddenTicket and formAction match the form of the sandbox's own page, hiddenField a hidden field of any form.
var (
	hiddenField  = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)
	hiddenTicket = regexp.MustCompile(`name="ticket" value="([^"]+)"`)
	formAction   = regexp.MustCompile(`<form method="post" action="([^"]+)"`)
)

// browseAndPress opens a page and submits its form, if it has one, with a button (name=value).
func browseAndPress(ctx context.Context, client *http.Client, address, button string) (string, int, error) {
	browser, err := browserOf(client)
	if err != nil {
		return "", 0, err
	}
	page, resp, err := visit(ctx, browser, http.MethodGet, address, "")
	if err != nil {
		return "", 0, err
	}
	ticket, action := hiddenTicket.FindStringSubmatch(page), formAction.FindStringSubmatch(page)
	if ticket == nil || action == nil {
		return page, resp.StatusCode, nil
	}
	to, err := resp.Request.URL.Parse(html.UnescapeString(action[1]))
	if err != nil {
		return "", 0, err
	}
	form := url.Values{"ticket": {html.UnescapeString(ticket[1])}}.Encode() + "&" + button
	page, resp, err = visit(ctx, browser, http.MethodPost, to.String(), form)
	if err != nil {
		return "", 0, err
	}
	return page, resp.StatusCode, nil
}

func browserOf(client *http.Client) (*http.Client, error) {
	browser := http.Client{}
	if client != nil {
		browser = *client
	}
	if browser.Jar != nil {
		return &browser, nil
	}
	var err error
	browser.Jar, err = cookiejar.New(nil)
	return &browser, err
}

func visit(ctx context.Context, browser *http.Client, method, address, form string) (string, *http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form))
	if err != nil {
		return "", nil, err
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := browser.Do(req)
	if err != nil {
		return "", nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxForm))
	return string(body), resp, err
}
