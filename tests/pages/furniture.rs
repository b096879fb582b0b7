//! What sites put around and between the paragraphs of an article.

pub(crate) const SECTIONS: [&str; 14] = [
    "Home",
    "World",
    "Politics",
    "Business",
    "Sport",
    "Culture",
    "Opinion",
    "Science",
    "Travel",
    "Weather",
    "Video",
    "Podcasts",
    "Obituaries",
    "Puzzles",
];
pub(crate) const AUTHORS: [&str; 8] = [
    "A. Reporter",
    "Jo Linder",
    "M. T. Hallam",
    "Petra Osei",
    "Our Diplomatic Correspondent",
    "Sam Varga",
    "Ines Dahl",
    "Staff and agencies",
];
pub(crate) const CREDITS: [&str; 5] = [
    "Photo: Example Pictures",
    "© Example Images",
    "Example Agency/File",
    "(Photograph: Example Pool)",
    "Image: Handout",
];
pub(crate) const COOKIES: [&str; 4] = [
    "We use cookies and similar technologies to give you the best experience on our site.",
    "This website uses cookies. By continuing to browse you agree to our use of cookies.",
    "We and our partners store and access information on a device, such as cookies, and process personal data.",
    "You can change your choice at any time in the privacy settings.",
];
pub(crate) const NEWSLETTERS: [&str; 5] = [
    "Sign up to our morning briefing and get the day's top stories in your inbox.",
    "Get the world in five minutes with our free daily newsletter.",
    "Never miss a story: subscribe to our newsletter.",
    "By signing up you agree to our terms of use and our privacy policy.",
    "Please enter a valid email address.",
];
pub(crate) const PROMPTS: [&str; 5] = [
    "Subscribe now for unlimited access from 1 euro a week.",
    "Already a subscriber? Log in to continue reading.",
    "Support independent journalism: make a contribution from as little as 1 pound.",
    "You have 2 free articles left this month.",
    "Download our app for breaking news alerts.",
];
pub(crate) const SHARES: [&str; 7] = ["Facebook", "Twitter", "WhatsApp", "Telegram", "Email", "Copy link", "Print"];
pub(crate) const LEGAL: [&str; 6] =
    ["Terms of use", "Privacy policy", "Contact us", "About us", "Advertise with us", "Cookie settings"];
pub(crate) const COPYRIGHT: [&str; 3] = [
    "Copyright 2018 Example Media Ltd. All rights reserved.",
    "No part of this site may be reproduced without written permission.",
    "The publisher is not responsible for the content of external sites.",
];
pub(crate) const READERS: [&str; 8] =
    ["riverrat", "OldTimer52", "northern_light", "Mary K.", "observer", "just_asking", "tomcat", "Leena"];
/// What readers say: several sentences at a time, and about other matters than the article's.
pub(crate) const REMARKS: [&str; 14] = [
    "I have read this site for ten years and never seen such nonsense.",
    "Nobody asks who pays for all this.",
    "The sanctions on Iran and Russia only hurt ordinary people, as anyone can see.",
    "Why does NATO not pay its own bills for once?",
    "Thank you for a balanced report, it is rare these days.",
    "My grandfather would have laughed at that.",
    "First they meddle in our elections with their troll farms and then they lecture us.",
    "So the tariffs are back. Good luck selling your cars in China!",
    "You can't trust a word that comes from Pyongyang.",
    "The same people told us that Saddam had weapons.",
    "Moderators, why was my comment of yesterday removed?",
    "Assad should be in The Hague, and so should those who arm the rebels in Syria.",
    "Wake up, people!",
    "I agree with the comment above, though I would put it more politely.",
];
