//! A page of the 1990s: tables within tables, fonts, no class and no end of a paragraph.

use crate::pages::furniture::{COPYRIGHT, SECTIONS};
use crate::pages::page::links;
use crate::pages::story::{Block, Story};

fn block(block: &Block) -> String {
    match block {
        Block::Paragraph(text) => format!("<P><FONT FACE=\"Times New Roman, serif\" SIZE=3>⟪{text}⟫</FONT>\n"),
        Block::Heading(text) => format!("<P><B><FONT SIZE=4>⟪{text}⟫</FONT></B>\n"),
        Block::List(all) => {
            let all: String = all.iter().map(|item| format!("<LI>⟪{item}⟫\n")).collect();
            format!("<UL>{all}</UL>\n")
        }
        Block::Quote(text) => format!("<BLOCKQUOTE><I>⟪{text}⟫</I></BLOCKQUOTE>\n"),
        Block::Figure(caption, credit) => format!(
            "<TABLE ALIGN=right WIDTH=200 BORDER=0><TR><TD><IMG SRC=\"a.gif\" WIDTH=200><BR><FONT SIZE=1>⟦{credit}⟧</FONT></TD></TR><TR><TD>\
             <FONT SIZE=2>⟪{caption}.⟫</FONT></TD></TR></TABLE>\n"
        ),
    }
}

pub(crate) fn page(story: &Story) -> String {
    let Story { title, author, day, hour, others, .. } = story;
    let mut inserts = Vec::new();
    if story.has(1, 50) {
        inserts.push(format!(
            "<P ALIGN=center><FONT SIZE=2>[ <A HREF=\"r.html\">⟦Related story: {}⟧</A> ]</FONT>\n",
            others[0]
        ));
    }
    let menu: String = SECTIONS.iter().map(|name| format!(
        "<TR><TD BGCOLOR=\"#003366\"><FONT COLOR=white SIZE=2><A HREF=\"{name}.html\">⟦{name}⟧</A></FONT></TD></TR>\n"
    )).collect();
    let headlines: String = others[1..7]
        .iter()
        .map(|other| format!("<TR><TD><FONT SIZE=2>&#149; <A HREF=\"h.html\">⟦{other}⟧</A></FONT></TD></TR>\n"))
        .collect();
    format!(
        r##"<HTML><HEAD><TITLE>{title} - Example Daily Online</TITLE><SCRIPT LANGUAGE="JavaScript"><!--
{{{{script}}}}//--></SCRIPT><STYLE>{{{{style}}}}</STYLE></HEAD>
<BODY BGCOLOR="#FFFFFF" TEXT="#000000" LINK="#003399"><CENTER>
<TABLE WIDTH=760 BORDER=0 CELLPADDING=0 CELLSPACING=0><TR><TD COLSPAN=3><IMG SRC="logo.gif" ALT="Example Daily"><FONT
SIZE=1>⟦{day}⟧ | <A HREF="i.html">⟦Make this your home page⟧</A> | <A HREF="s.html">⟦Site map⟧</A></FONT></TD></TR>
<TR VALIGN=top><TD WIDTH=120><TABLE WIDTH=120 CELLPADDING=2>{menu}</TABLE><IMG SRC="spacer.gif" HEIGHT=10></TD>
<TD WIDTH=480><TABLE WIDTH=480 CELLPADDING=8><TR><TD>
<H1><FONT SIZE=5>⟪{title}⟫</FONT></H1>
<FONT SIZE=2>⟦By {author}⟧<BR>⟦{day}, {hour}⟧<BR></FONT><FONT SIZE=1><A HREF="p.html">⟦Printer-friendly page⟧</A> | <A HREF="e.html">⟦E-mail
this page to a friend⟧</A></FONT>
<HR NOSHADE SIZE=1>
{body}
<HR NOSHADE SIZE=1><P><FONT SIZE=1>{back}</FONT>
</TD></TR></TABLE></TD>
<TD WIDTH=160><TABLE WIDTH=160 BORDER=0><TR><TD BGCOLOR="#CCCCCC"><B><FONT SIZE=2>⟦In other news⟧</FONT></B></TD></TR>
{headlines}<TR><TD><FORM ACTION="/cgi-bin/search.pl"><FONT SIZE=2>⟦Search the archive⟧</FONT><INPUT NAME=q SIZE=12></FORM></TD></TR></TABLE></TD></TR>
<TR><TD COLSPAN=3 ALIGN=center><HR><FONT SIZE=1>⟦{copyright}⟧<BR>{foot}<BR>⟦This page is best viewed with any browser at 800 by 600.⟧</FONT></TD></TR>
</TABLE></CENTER></BODY></HTML>"##,
        body = story.flow(block, &inserts),
        back = links(["Back to top", "Front page", "Letters to the editor"]),
        copyright = COPYRIGHT[0],
        foot = links(["About us", "Contact us", "Advertise with us"]),
    )
}
