package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is the maximum width of help. Longer lines are hard to read.
const helpWidth = 80

// widthFor returns the terminal's width, but at most helpWidth; helpWidth if w is not a terminal.
func widthFor(w io.Writer) int {
	if width := columns(w); width > 0 {
		return min(width, helpWidth)
	}
	return helpWidth
}

// UseHelp gives another program's command tree the help texts of daypass and its errors for wrong flags. Call it after all
// commands have been added. The help command is added to the first group.
func UseHelp(root *cobra.Command) {
	root.SuggestionsMinimumDistance = 2
	root.SetHelpFunc(showHelp)
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(newHelpCommand("  "+root.Name()+" help "+root.Commands()[0].Name(), root.Groups()[0].ID))
	root.InitDefaultHelpCmd()
	addHelpAndCompletions(root)
}

// ListHelp returns a help function for a topic that is a list: a paragraph, then rows of a name and a text.
func ListHelp(about, title string, rows [][2]string) func(*cobra.Command, []string) {
	list := section{title: title}
	for _, row := range rows {
		list.rows = append(list.rows, pair{label: row[0], text: row[1]})
	}
	return func(cmd *cobra.Command, _ []string) {
		var b strings.Builder
		out := cmd.OutOrStdout()
		paragraph(&b, about, widthFor(out))
		list.write(&b, newStyle(out), widthFor(out))
		fmt.Fprint(out, b.String())
	}
}

// closingText is the annotation of a root command with the last paragraph of its help.
const closingText = "closing-text"

// showHelp prints a command's help. Examples and usage lines are never broken, so that they can be copied.
func showHelp(cmd *cobra.Command, _ []string) {
	out := cmd.OutOrStdout()
	fmt.Fprint(out, helpText(cmd, newStyle(out), widthFor(out)))
}

// helpText returns a command's help: one sentence, the examples, the rest of the text, then commands and flags.
func helpText(cmd *cobra.Command, look style, width int) string {
	var b strings.Builder
	sentence, more := firstSentence(cmd)
	paragraph(&b, sentence, width)
	if cmd.Example != "" {
		fmt.Fprintf(&b, "\n%s\n", cmd.Example)
	}
	if more != "" {
		b.WriteString("\n")
		paragraph(&b, more, width)
	}
	fmt.Fprintf(&b, "\n%s %s\n", look.strong.Render("Usage:"), usageLine(cmd))
	for _, s := range commandSections(cmd) {
		s.write(&b, look, width)
	}
	flags := section{"Flags:", flagRows(ownFlags(cmd))}
	if !cmd.HasParent() {
		flags.title = "Global flags:"
	}
	flags.write(&b, look, width)
	if cmd.HasParent() {
		b.WriteString("\n")
		paragraph(&b, "Global flags ("+cmd.Root().Name()+" --help explains them): "+strings.Join(globalNames(cmd), ", "), width)
	} else if words := cmd.Annotations[closingText]; words != "" {
		b.WriteString("\n")
		paragraph(&b, words, width)
	}
	return b.String()
}

// firstSentence splits a command's text after its first sentence.
func firstSentence(cmd *cobra.Command) (sentence, more string) {
	text := cmd.Long
	if text == "" {
		text = cmd.Short + "."
	}
	text = strings.Join(strings.Fields(text), " ")
	sentence, more, divided := strings.Cut(text, ". ")
	if divided {
		sentence += "."
	}
	return sentence, more
}

// usageLine returns the command's usage line. That of daypass itself includes COMMAND, without which it only shows help.
func usageLine(cmd *cobra.Command) string {
	if !cmd.HasParent() && cmd.Use == cmd.Name() {
		return cmd.Name() + " COMMAND"
	}
	return cmd.UseLine()
}

func paragraph(b *strings.Builder, text string, width int) {
	for _, line := range wrap(text, width) {
		b.WriteString(line + "\n")
	}
}

// section is a titled list of names, each with a text.
type section struct {
	title string
	rows  []pair
}

// narrow is the least width for a text beside its name. With less, the text is below the name.
const narrow = 24

func (s section) write(b *strings.Builder, look style, width int) {
	if len(s.rows) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", look.strong.Render(s.title))
	left := 0
	for _, row := range s.rows {
		left = max(left, len(row.label))
	}
	beside := width-left-4 >= narrow
	for _, row := range s.rows {
		name := fmt.Sprintf("  %-*s  ", left, row.label)
		indent, room := strings.Repeat(" ", left+4), width-left-4
		if !beside {
			fmt.Fprintf(b, "  %s\n", row.label)
			name, indent, room = "      ", "      ", width-6
		}
		for _, line := range wrap(row.text, room) {
			b.WriteString(name + line + "\n")
			name = indent
		}
	}
}

// commandSections returns a command's subcommands by group, then the help topics.
func commandSections(cmd *cobra.Command) []section {
	rest := &cobra.Group{Title: "Topics:"}
	if cmd.HasParent() {
		rest.Title = "Commands:"
	}
	column := 0
	for _, child := range cmd.Commands() {
		column = max(column, len(child.Name()))
	}
	var sections []section
	for _, group := range append(cmd.Groups(), rest) {
		s := section{title: group.Title}
		for _, child := range cmd.Commands() {
			if child.GroupID == group.ID && shownInHelp(child) {
				s.rows = append(s.rows, pair{label: fmt.Sprintf("%-*s", column, child.Name()), text: child.Short})
			}
		}
		sections = append(sections, s)
	}
	return sections
}

// shownInHelp reports whether help lists a command. (IsAvailableCommand is false for the help command and the topics.)
func shownInHelp(cmd *cobra.Command) bool {
	return cmd.IsAvailableCommand() || cmd.IsAdditionalHelpTopicCommand() || cmd.Name() == "help"
}

// ownFlags returns the flags that a command's help explains. The help of the root command alone explains the global ones.
func ownFlags(cmd *cobra.Command) []*pflag.Flag {
	var flags, last []*pflag.Flag
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		switch {
		case f.Hidden:
		case f.Name == "help" || f.Name == "version":
			last = append(last, f)
		default:
			flags = append(flags, f)
		}
	})
	return append(flags, last...)
}

// globalNames returns the names of the global flags.
func globalNames(cmd *cobra.Command) []string {
	var names []string
	for _, f := range ownFlags(cmd.Root()) {
		if cmd.Root().PersistentFlags().Lookup(f.Name) != nil {
			names = append(names, "--"+f.Name)
		}
	}
	return names
}

func flagRows(flags []*pflag.Flag) []pair {
	var rows []pair
	for _, f := range flags {
		name := "    --" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", --" + f.Name
		}
		if value := valueName(f); value != "" {
			name += " " + value
		}
		_, text := pflag.UnquoteUsage(f)
		rows = append(rows, pair{label: name, text: text})
	}
	return rows
}

// valueName returns the placeholder of a flag's value; "" for flags without a value. The flag's usage may name it in
// backquotes.
func valueName(f *pflag.Flag) string {
	if name, text := pflag.UnquoteUsage(f); text != f.Usage {
		return strings.ToUpper(name)
	}
	switch f.Name {
	case "profile":
		return "NAME"
	case "output":
		return "FORMAT"
	case "browser":
		return "CMD"
	case "config":
		return "FILE"
	case "sign-in":
		return "WHEN"
	case "region", "shell":
		return strings.ToUpper(f.Name)
	}
	switch kind := f.Value.Type(); kind {
	case "bool":
		return ""
	case "string":
		return "TEXT"
	default:
		return strings.ToUpper(kind)
	}
}

// newHelpCommand returns the command that shows another command's help.
func newHelpCommand(example, group string) *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Show help for a command",
		Long:    "Shows the help of a command, or an overview of all commands.",
		Example: example,
		GroupID: group,
		RunE: func(cmd *cobra.Command, args []string) error {
			asked, rest, err := cmd.Root().Find(args)
			if err != nil {
				return usageError{err}
			}
			if err := knownCommand(asked, rest); err != nil {
				return err
			}
			return asked.Help()
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []string
			for _, c := range cmd.Root().Commands() {
				if shownInHelp(c) {
					names = append(names, cobra.CompletionWithDesc(c.Name(), c.Short))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}
